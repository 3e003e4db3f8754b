import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, type RefObject, useEffect, useId, useRef, useState } from "react";
import type { Suggestion } from "@prunella/contract";
import { suggestionsQuery } from "../api/queries.ts";
import { Icon } from "../parts/icon.tsx";
import { Untrusted } from "../parts/untrusted.tsx";
import { plural } from "../parts/words.ts";

const TYPING_MS = 250;

type Props = {
  value: string;
  project: string | undefined;
  searchBox: RefObject<HTMLInputElement | null>;
  /** Names what is wrong with the search, when something is. */
  problemId: string | undefined;
};

/** The search, with what may go on where one types: keys first, then the values that exist. */
export function SearchBox({ value, project, searchBox, problemId }: Props) {
  const navigate = useNavigate({ from: "/" });
  const listId = useId();
  const [text, setText] = useState(value);
  const [caret, setCaret] = useState(value.length);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const asked = text.slice(0, caret);
  const query = useQuery({ ...suggestionsQuery(asked, project), enabled: open });
  const found = query.data;
  // While the next ones come, those of before would be put in the wrong place.
  const suggestions = open && found !== undefined && !query.isPlaceholderData ? found.suggestions : [];
  const shown = suggestions.length > 0;

  // The address may also change by a link or by going back; what one types leads it, and is not led by it.
  const sent = useRef(value);
  useEffect(() => {
    if (value === sent.current) return;
    sent.current = value;
    setText(value);
    setCaret(value.length);
  }, [value]);
  useEffect(() => {
    if (text === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text;
      // One search is one step back, however many letters it took.
      void navigate({
        search: (prev) => ({ ...prev, q: text === "" ? undefined : text }),
        replace: value !== "" && text !== "",
      });
    }, TYPING_MS);
    return () => clearTimeout(timer);
    // Only typing starts a search.
  }, [text]);

  const type = (next: string, at: number) => {
    setText(next);
    setCaret(at);
    setActive(-1);
    setOpen(true);
  };
  const accept = ({ text: chosen }: Suggestion) => {
    const before = text.slice(0, found?.from ?? caret) + chosen + (chosen.endsWith(":") ? "" : " ");
    type(before + text.slice(caret).trimStart(), before.length);
    const box = searchBox.current;
    box?.focus();
    requestAnimationFrame(() => box?.setSelectionRange(before.length, before.length));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const chosen = suggestions[active];
    if (step !== 0 && shown) {
      event.preventDefault();
      // One place more than there are suggestions: the text itself.
      const places = suggestions.length + 1;
      setActive(((active + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && chosen !== undefined) {
      event.preventDefault();
      accept(chosen);
    } else if (event.key === "Enter") setOpen(false);
    else if (event.key === "Escape" && shown) {
      event.preventDefault();
      setOpen(false);
    } else if (event.key === "Escape") event.currentTarget.blur();
  };

  return (
    <div className="relative w-full md:w-104">
      <Icon name="search" size={16} className="absolute left-2.5 top-1/2 -translate-y-1/2 text-quiet" />
      <input
        ref={searchBox}
        type="text"
        inputMode="search"
        enterKeyHint="search"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        role="combobox"
        aria-label="Search faults"
        aria-expanded={shown}
        aria-controls={shown ? listId : undefined}
        aria-activedescendant={shown && active >= 0 ? `${listId}-${active}` : undefined}
        aria-autocomplete="list"
        aria-describedby={problemId}
        aria-invalid={problemId === undefined ? undefined : true}
        className={`field w-full pl-8 ${text === "" ? "" : "pr-9"} ${problemId === undefined ? "" : "border-bad"}`}
        placeholder="Search: words, level:error, release:…"
        maxLength={1_000}
        value={text}
        onChange={({ target }) => type(target.value, target.selectionStart ?? target.value.length)}
        onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart ?? text.length)}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      {text !== "" && (
        <button
          type="button"
          aria-label="Clear the search"
          className="absolute right-1 top-1/2 size-7 -translate-y-1/2 rounded text-quiet hover:text-ink"
          onClick={() => {
            type("", 0);
            searchBox.current?.focus();
          }}
        >
          ✕
        </button>
      )}
      {shown && (
        <ul
          id={listId}
          role="listbox"
          aria-label="What may follow"
          className="absolute inset-x-0 top-full z-30 mt-1 overflow-hidden rounded-md border border-edge bg-raised py-1 shadow-lg shadow-black/20"
        >
          {suggestions.map((each, index) => (
            <li
              key={each.text}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === active}
              className="flex cursor-pointer items-baseline gap-3 px-3 py-1 text-sm hover:bg-sunk aria-selected:bg-accent-wash"
              // Before the field loses the focus, which would close the list under the pointer.
              onPointerDown={(event) => {
                event.preventDefault();
                accept(each);
              }}
            >
              <span className="min-w-0 shrink-0 max-w-3/4 truncate">
                <Untrusted text={each.text} />
              </span>
              <span className="ml-auto min-w-0 truncate text-xs text-quiet">
                {each.faults === null ? each.says : plural(each.faults, "fault")}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
