"""What the documentation says is what the code knows: codes, members of the Plan, keys and examples of manifests.

usage: docs_test.py SOURCE_DIRECTORY MANIFEST_VERDICT_PROGRAM
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

source, program = pathlib.Path(sys.argv[1]), sys.argv[2]
docs = {path.name: path.read_text(encoding="utf-8") for path in (source / "docs").glob("*.md")}
wrong = 0


def complain(message):
    global wrong
    wrong += 1
    print(message)


def same(what, documented, known):
    for name in sorted(set(documented) ^ set(known)):
        complain(f"{what}: {name} is {'documented and does not exist' if name in documented else 'not documented'}")
    if len(documented) != len(set(documented)):
        complain(f"{what}: documented twice")


# docs/preflight.md has one section for each code, with cause, evidence and fix.
codes = re.findall(r"^  (\w+),", (source / "launcher/plan/codes.h").read_text(), re.M)
same("code", re.findall(r"^## (\S+)$", docs["preflight.md"], re.M), [code.replace("_", "-") for code in codes])
for section in re.split(r"^## ", docs["preflight.md"], flags=re.M)[1:]:
    body = re.split(r"^# ", section, flags=re.M)[0]
    if [name for name in re.findall(r"^\* \*\*(\w+)\*\*: \S", body, re.M)] != ["Cause", "Evidence", "Fix"]:
        complain(f"preflight.md: {section.split()[0]} does not have cause, evidence and fix, once each")

# docs/systemd.md has one row for each finding of vgpuctl systemd check.
faults = re.findall(r"^  (\w+),", (source / "launcher/systemd/finding.h").read_text(), re.M)
same("finding", re.findall(r"^\| `([a-z-]+)` \|", docs["systemd.md"], re.M), [fault.replace("_", "-") for fault in faults])

# docs/plan.md names every member, docs/manifest.md every key.
members = lambda text: [name for row in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", text, re.M) for name in re.findall(r"`(\w+)`", row)]
schema = json.loads((source / "config/schema/plan-1.json").read_bytes())
same("Plan", members(docs["plan.md"]), [*schema["properties"], *schema["definitions"]["target"]["properties"], *schema["definitions"]["mount_namespace"]["properties"]])
schema = json.loads((source / "config/schema/manifest-1.json").read_bytes())
rows = re.findall(r"^\| ((?:`[$\w]+`(?:, )?)+) \|", docs["manifest.md"], re.M)
same("manifest", {name for row in rows for name in re.findall(r"`([$\w]+)`", row)},
     {*schema["properties"], *schema["definitions"]["shim"]["properties"], *schema["definitions"]["profile"]["properties"]})

# Every manifest that is shown is one.
with tempfile.TemporaryDirectory() as scratch:
    paths = []
    for name, text in docs.items():
        for i, block in enumerate(re.findall(r"^```json\n(.*?)^```", text, re.M | re.S)):
            path = pathlib.Path(scratch, f"{name}.{i}.json")
            path.write_text(block)
            paths.append(str(path))
    lines = subprocess.run([program, *paths], check=True, capture_output=True, text=True).stdout.splitlines()
    for line in lines:
        if not line.startswith("valid "):
            complain(f"an example is refused: {line}")
    if len(lines) < 5:
        complain("too few examples")

# Links between the pages, and into the tree.
for name, text in {**docs, "README.md": (source / "README.md").read_text(encoding="utf-8")}.items():
    base = source if name == "README.md" else source / "docs"
    for target in re.findall(r"\]\(([^)#:]+)[^):]*\)", text):
        if not (base / target).exists():
            complain(f"{name}: a link to {target}, which does not exist")

print(f"{len(docs)} pages, {len(codes)} codes, {wrong} complaints")
sys.exit(1 if wrong else 0)
