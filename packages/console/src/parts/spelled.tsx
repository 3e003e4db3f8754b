/** Our own words, with what is to be typed set apart. */
export function Spelled({ text }: { text: string }) {
  return text.split("`").map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part));
}
