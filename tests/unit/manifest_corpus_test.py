"""The schema and the reader must give the same verdict, the one that the corpus' folder names.

usage: manifest_corpus_test.py VERDICT_PROGRAM CORPUS SCHEMA DEFAULT_MANIFEST
"""
import json
import os
import pathlib
import subprocess
import sys

program, corpus, schema, default = sys.argv[1], *map(pathlib.Path, sys.argv[2:])
try:
    import jsonschema
except ImportError:
    print("SKIPPED: python3-jsonschema is not installed")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)

contents = json.loads(schema.read_bytes())
jsonschema.Draft7Validator.check_schema(contents)
validator = jsonschema.Draft7Validator(contents)

both = {folder: sorted((corpus / folder).glob("*.json")) for folder in ("valid", "invalid")}
reader_only = {folder: sorted((corpus / "reader_only" / folder).glob("*.json")) for folder in ("valid", "invalid")}
paths = [path for files in (*both.values(), *reader_only.values()) for path in files] + [default]
lines = subprocess.run([program, *map(str, paths)], check=True, capture_output=True, text=True).stdout.splitlines()
reader = {pathlib.Path(path): verdict for verdict, path in (line.split(" ", 1) for line in lines)}

wrong = 0


def expect(path, who, verdict, expected, why=""):
    global wrong
    if verdict != expected:
        wrong += 1
        print(f"{path}: {who} says {verdict}, not {expected}{why}")


for expected, files in (*both.items(), ("valid", [default])):
    for path in files:
        errors = list(validator.iter_errors(json.loads(path.read_bytes())))
        expect(path, "the schema", "invalid" if errors else "valid", expected, "".join(f"\n  {e.message}" for e in errors[:3]))
for expected, files in (*both.items(), *reader_only.items(), ("valid", [default])):
    for path in files:
        expect(path, "the reader", reader.get(path), expected)

few = len(both["valid"]) < 25 or len(both["invalid"]) < 60
print(f"{len(paths)} manifests, {wrong} wrong verdicts" + (", and too few cases" if few else ""))
sys.exit(1 if wrong or few else 0)
