"""Reads Prometheus's text exposition format (version 0.0.4) by its rules, and nothing that breaks them.

usage: metrics.py FILE METRIC [LABEL=VALUE...] NUMBER: there is exactly one such sample with these labels, and it is NUMBER.
"""
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"'

raw = open(sys.argv[1], "rb").read()
text = raw.decode("utf-8")  # an error ends us
assert text.endswith("\n"), "no newline behind the last line"
helps, types, samples, current, closed = {}, {}, {}, None, set()
for line in text.split("\n")[:-1]:
    assert line, "an empty line says nothing"
    if line.startswith("#"):
        match = re.fullmatch(rf"# (HELP|TYPE) ({NAME}) (.+)", line)
        assert match, line
        kind, name, rest = match.groups()
        table = helps if kind == "HELP" else types
        assert name not in table, f"{name}: two {kind}"
        assert kind == "HELP" or rest in ("gauge", "counter", "histogram", "summary", "untyped"), line
        assert "\\" not in rest.replace("\\\\", "").replace("\\n", ""), line
        table[name] = rest
        if name != current:
            assert name not in closed, f"{name} stands in two places"
            closed.add(current)
            current = name
        continue
    match = re.fullmatch(rf"({NAME})(?:{{((?:{LABEL},?)*)}})? (\S+)", line)
    assert match, line
    name, inside, number = match.group(1), match.group(2) or "", match.groups()[-1]
    assert name == current and name in helps and name in types, f"{name} is not below its HELP and TYPE"
    labels = re.findall(LABEL, inside)
    assert ",".join(f'{key}="{value}"' for key, value in labels) == inside, line
    assert len(dict(labels)) == len(labels), line
    unescaped = {k: re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), v) for k, v in labels}
    key = (name, tuple(sorted(unescaped.items())))
    assert key not in samples, f"twice: {line}"
    samples[key] = float(number)
    assert name.startswith("vgpu_"), line
    assert "memory" not in name or name.endswith("_bytes"), line

metric, *wanted, number = sys.argv[2:]
wanted = dict(word.split("=", 1) for word in wanted)
found = [value for (name, labels), value in samples.items() if name == metric and wanted.items() <= dict(labels).items()]
assert found == [float(number)], (metric, wanted, found)
