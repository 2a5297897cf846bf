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


# docs/catalogue has one page for each code, for each finding of vgpuctl systemd check but the one that stands for codes, and for
# what only doctor looks for: a title, a sentence, and cause, evidence and fix.
ids = {name: [each.replace("_", "-") for each in re.findall(r"^  (\w+),", (source / "launcher" / path).read_text(), re.M)]
       for name, path in (("code", "plan/codes.h"), ("finding", "systemd/finding.h"), ("failure", "doctor/failure.h"))}
codes = [each for name in ids for each in ids[name] if each != "launch-refused"]
pages = {path.stem: path.read_text(encoding="utf-8") for path in (source / "docs/catalogue").iterdir()}
same("page", pages, codes)
for name, page in pages.items():
    if not re.match(rf"# {name}\n\n\S[^\n]*[.]\n\n\* ", page):
        complain(f"catalogue/{name}.md does not begin with its title and a sentence")
    if re.findall(r"^\* \*\*(\w+)\*\*: \S", page, re.M) != ["Cause", "Evidence", "Fix"]:
        complain(f"catalogue/{name}.md does not have cause, evidence and fix, once each")
# docs/doctor.md is the index of them.
rows = dict(re.findall(r"^\| \[`([a-z-]+)`\]\(catalogue/\1\.md\) \| (.+) \|$", docs["doctor.md"], re.M))
same("row of doctor.md", rows, pages)
for name in rows:
    if name in pages and rows[name] != pages[name].split("\n")[2]:
        complain(f"doctor.md has another sentence for {name} than its page")

# docs/systemd.md has one row for each finding of vgpuctl systemd check.
same("finding", re.findall(r"^\| `([a-z-]+)` \|", docs["systemd.md"], re.M), ids["finding"])

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
places = {**{f"docs/{name}": text for name, text in docs.items()}, **{f"docs/catalogue/{name}.md": text for name, text in pages.items()},
          "README.md": (source / "README.md").read_text(encoding="utf-8")}
for name, text in places.items():
    base = (source / name).parent
    for target in re.findall(r"\]\(([^)#:]+)[^):]*\)", text):
        if not (base / target).exists():
            complain(f"{name}: a link to {target}, which does not exist")

print(f"{len(docs)} pages, {len(codes)} codes, {wrong} complaints")
sys.exit(1 if wrong else 0)
