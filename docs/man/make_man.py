#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Fills the manual pages in: commands and options from what a program says itself, keys of a configuration
and words of a PAM line from the tables of docs/; so none of them can lag behind.

make_man.py commands PROGRAM TEMPLATE OUT | make_man.py keys|words TABLE TEMPLATE OUT"""
import pathlib
import re
import subprocess
import sys
import textwrap


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in ".'" else text


def help_of(program, command):
    """The description and the sections of a --help: {heading: [(term, text)]}."""
    lines = subprocess.run([program, *command, "--help"], capture_output=True, text=True,
                           check=True).stdout.splitlines()
    usage = next(i for i, line in enumerate(lines) if line.startswith("Usage:"))
    sections, heading = {}, None
    for line in lines[usage + 1:]:
        if re.match(r"[A-Z][A-Za-z ]*:$", line):
            heading = line[:-1]
            sections[heading] = []
        elif heading and line.startswith("  ") and line[2:3] not in (" ", ""):
            term, _, text = line.strip().partition("  ")
            sections[heading].append([term.strip(), text.strip()])
        elif heading and line.startswith("   ") and sections[heading]:
            entry = sections[heading][-1]
            entry[1] = (entry[1] + " " + line.strip()).strip()
    return " ".join(" ".join(lines[:usage]).split()), lines[usage], sections


def option_line(term):
    """-h,--help or --user USER (and what CLI11 adds behind) as mdoc."""
    term = re.sub(r"\s+(REQUIRED|Excludes:.*|Needs:.*|\.\.\.)", "", term)
    names, _, argument = term.partition(" ")
    flags = " , ".join("Fl " + escaped(name[1:]) for name in names.split(",") if name.startswith("-"))
    argument = argument.strip().split(" ")[0]
    return ".It " + flags + (f" Ar {escaped(argument)}" if argument else "")


def sentence(text):
    """Each sentence on lines of its own, as mdoc wants it."""
    text = re.sub(r"^(Excludes|Needs): \S+ ?", "", text)
    lines = []
    for part in re.split(r"(?<=[.!?]) +(?=[A-Z])", text):
        lines += textwrap.wrap(part, 78, break_long_words=False, break_on_hyphens=False)
    return "\n".join(escaped(line) for line in lines) or "\\&"


def entries(rows, line):
    out = [".Bl -tag -width Ds"]
    for term, text in rows:
        out += [line(term), sentence(text)]
    return out + [".El"] if rows else []


def commands(program, command=()):
    """One paragraph for each command that does something, in the order of the help."""
    about, usage, sections = help_of(program, command)
    below = sections.get("Subcommands", [])
    out = []
    if command and not below:
        positionals = [term.split(" ")[0] for term, _ in sections.get("Positionals", [])]
        words = " ".join(escaped(word) for word in command)
        out += [f".Ss {words} {' '.join(positionals)}".rstrip(), sentence(about)]
        rows = [[f"\x00{term.split(' ')[0]}", text] for term, text in sections.get("Positionals", [])]
        for heading, lines in sections.items():
            if heading not in ("Positionals", "Subcommands"):
                rows += [row for row in lines if not row[0].startswith("-h")]
        out += entries(rows, lambda term: f".It Ar {escaped(term[1:])}" if term[0] == "\x00"
                       else option_line(term))
    for name, _ in below:
        out += commands(program, (*command, name))
    return out


def plain(markdown):
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown.strip())
    return text.replace("**", "").replace("`", "")


def cells_of(line):
    """Of a row of a table with three columns that begins with code; else nothing."""
    cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
    return cells if line.startswith("|") and len(cells) == 3 and cells[0].startswith("`") else None


def keys(table):
    """The rows '| `[section] key`, `key2` | meaning | default |', or without the section below a heading
    that begins with it."""
    out, section = [], ""
    for line in pathlib.Path(table).read_text().splitlines():
        if heading := re.match(r"## `(\[\w+\])`", line):
            out += [".El"] if section else []
            section = heading[1]
            out += [f".Ss {section[:-1]}\\&]", ".Bl -tag -width Ds"]
        cells = cells_of(line)
        if cells is None:
            continue
        names = plain(cells[0])
        found = re.match(r"((?:\[\w+\](?:, )?)+)\s*", names)
        if found:
            out += [".El"] if section else []
            section, names = found[1], names[found.end():]
            out += [f".Ss {section[:-1]}\\&]", ".Bl -tag -width Ds"]
        out += entry_of(names, cells)
    return out + [".El"]


def entry_of(names, cells):
    meaning = plain(cells[1]).rstrip(".")
    default = plain(cells[2])
    if not cells[1].startswith("`"):
        meaning = meaning[:1].upper() + meaning[1:]
    behind = {"needed": " Needed.", "–": "", "": "", "none": " Not set by default."}
    return [f".It Ic {escaped(names)}", sentence(meaning + "." + behind.get(
        default, f" By default {default}."))]


def words(table):
    """The rows of 'Words on the line'."""
    out = [".Bl -tag -width Ds"]
    text = pathlib.Path(table).read_text()
    for line in text[text.index("## Words on the line"):].splitlines()[1:]:
        if line.startswith("## "):
            break
        if (cells := cells_of(line)) is not None:
            out += entry_of(plain(cells[0]), cells)
    return out + [".El"]


def main():
    what, source, template, target = sys.argv[1:]
    text = pathlib.Path(template).read_text()
    if what == "commands":
        _, _, sections = help_of(source, ())
        options = [row for heading, rows in sections.items() if heading != "Subcommands" for row in rows]
        text = text.replace("@OPTIONS@", "\n".join(entries(options, option_line)))
        text = text.replace("@COMMANDS@", "\n".join(commands(source)))
    elif what == "words":
        text = text.replace("@WORDS@", "\n".join(words(source)))
    else:
        text = text.replace("@KEYS@", "\n".join(keys(source)))
    pathlib.Path(target).write_text(text)


if __name__ == "__main__":
    main()
