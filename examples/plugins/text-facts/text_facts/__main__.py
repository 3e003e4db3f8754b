"""Words in, text and a code out: `python3 -m text_facts count TEXT [--letters]`."""

import sys


def main(argv: list[str]) -> int:
    command, *words = argv
    texts = [word for word in words if word != "--letters"]
    if command != "count" or len(texts) != 1:
        print("usage: text-facts count <text> [--letters]", file=sys.stderr)
        return 2
    if "--letters" in words:
        print(f"{sum(letter.isalpha() for letter in texts[0])} letters")
    else:
        print(f"{len(texts[0].split())} words")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
