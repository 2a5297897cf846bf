"""The Plans of plan_json/ satisfy the schema, which describes every member that they have and refuses what is wrong.

usage: plan_schema_test.py SCHEMA PLAN.json...
"""
import copy
import json
import os
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    print("SKIPPED: python3-jsonschema is not installed")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)

schema = json.loads(pathlib.Path(sys.argv[1]).read_bytes())
jsonschema.Draft7Validator.check_schema(schema)
plans = {path: json.loads(pathlib.Path(path).read_bytes()) for path in sys.argv[2:]}
wrong = 0


def complain(message):
    global wrong
    wrong += 1
    print(message)


def closed(node):
    """The schema with every object that lists its members closed: a reader must ignore what it does not know, we must not emit it."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: closed(value) for key, value in node.items()}
    if isinstance(node.get("properties"), dict):
        node.setdefault("additionalProperties", False)
        if sorted(node["properties"]) != sorted(node.get("required", [])):
            complain(f"not every member is required: {sorted(set(node['properties']) ^ set(node.get('required', [])))}")
    return node


strict = jsonschema.Draft7Validator(closed(schema))
for path, plan in plans.items():
    for error in strict.iter_errors(plan):
        complain(f"{path}: {'/'.join(map(str, error.path))}: {error.message}")

# What the schema must refuse, each a change to a Plan that is right.
open_schema = jsonschema.Draft7Validator(schema)
good = next(plan for path, plan in plans.items() if path.endswith("full.json"))


def change(*path, to):
    plan = copy.deepcopy(good)
    at = plan
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = to
    return plan


refused = {
    "another version": change("version", to=2),
    "a relative manifest": change("manifests", 0, "path", to="manifest.json"),
    "an empty path": change("library_path", 0, to=""),
    "a severity nobody knows": change("problems", 0, "severity", to="fatal"),
    "a fate nobody knows": change("manifests", 0, "fate", to="eaten"),
    "a number as a value": change("environment", "VGPU_SCOPE", to=1),
    "a code that is no word": change("problems", 0, "code", to="Shim Missing"),
    "a class of 16 bits": change("target", "class", to=16),
    "an escape that is cut": change("command", 0, to="\0f"),
}
for what, plan in refused.items():
    if open_schema.is_valid(plan):
        complain(f"the schema accepts {what}")
for member in good:
    plan = {key: value for key, value in good.items() if key != member}
    if open_schema.is_valid(plan):
        complain(f"the schema accepts a Plan without {member}")
if not open_schema.is_valid({**good, "a later member": 1}):
    complain("the schema refuses what a later version may add")

print(f"{len(plans)} plans, {len(refused) + len(good)} that are wrong, {wrong} complaints")
sys.exit(1 if wrong or len(plans) < 3 else 0)
