const PATHS = {
  inbox: "M3 13h5l1.5 3h5L16 13h5M5 5h14l2 8v6H3v-6z",
  escalations: "M12 3 22 20H2zM12 10v4M12 17v.01",
  programs: "M3 5h18v14H3zM7 9l3 3-3 3M12.5 15H17",
  triggers: "M13 2 5 13h6l-1 9 8-11h-6z",
  probes: "M3 12h4l3-8 4 16 3-8h4",
  timeline: "M6 4v16M6 7h.01M6 12h.01M6 17h.01M11 7h9M11 12h6M11 17h8",
  ledger: "M6 3h12v18H6zM9 8h6M9 12h6M9 16h3",
  settings:
    "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5M9 14.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5",
  more: "M5 12v.01M12 12v.01M19 12v.01",
  copy: "M8 8h11v12H8zM5 16H4V4h11v1",
  releases: "M4 4h7l9 9-7 7-9-9zM8 8v.01",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l3 2",
  keyboard: "M3 6h18v12H3zM7 10v.01M11 10v.01M15 10v.01M17 14v.01M9 14h5M7 14v.01",
  help: "M9 9a3 3 0 1 1 4.5 2.6c-.9.5-1.5 1.2-1.5 2.4M12 17.5v.01M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20",
  theme: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
  leave: "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4 20c1-4 4-5.5 8-5.5s7 1.5 8 5.5",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M16 16l5 5",
  check: "M4 12.5 9.5 18 20 6.5",
  chevron: "M9 6l6 6-6 6",
  back: "M15 6l-6 6 6 6",
} as const;

export type IconName = keyof typeof PATHS;

/** Line icons of 24 units; they stand beside words, so they say nothing of their own. */
export function Icon({ name, size = 18, className = "" }: { name: IconName; size?: number; className?: string }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      className={`shrink-0 ${className}`}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
