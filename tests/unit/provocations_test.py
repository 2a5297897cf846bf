"""Every failure of the catalogue is provoked by a test, and doctor is asked about it there: the loader, the kernel, systemd, a
container or the program that it is about must have done it. An id without such a test, as a new one is at first, is a failure here.

usage: provocations_test.py SOURCE_DIRECTORY
"""
import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1])
ids = {page.stem for page in (source / "docs/catalogue").iterdir()}

# What the tests call with an id; each of these provokes the failure first and then asks doctor. `examined` of ctl/doctor_places.sh is
# not among them: it looks at a tree that stands for another machine, and shows what is read there, not what comes of it.
CALLS = [re.compile(pattern) for pattern in (
    r"\bdoctor_names ([a-z-]+) ",                                     # common.sh
    r"\brefused (?:\d+ )?([a-z-]+)(?: |$)",                           # run/
    r"\bfinds \d ([a-z-]+) ",                                         # systemd/check.sh
    r"\bdiagnosed \d (?:error:|warning:|unknown:)?([a-z-]+)(?: |$)",  # ctl/doctor_common.sh
    r"\bby_hand ([a-z-]+) ",                                          # ctl/doctor_answers.sh
    r"\bdoctor \"(?:error|warning): ([a-z-]+): ",                     # real/kernel: within the booted kernel
    r"grep -q '\^(?:error|warning): ([a-z-]+): .* /run/doctor",       # systemd/inside.sh: within the booted system
    r"\blinked (usage) ", r"--explain (internal)\"",                  # ctl/doctor_catalogue.sh: they end vgpuctl itself
)]
LOOP = re.compile(r"\bfor id in ([a-z -]+); do finds \d \"\$id\" ")

provoked = {}
for path in sorted((source / "tests").rglob("*.sh")):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        names = [name for call in CALLS for name in call.findall(line)]
        names += [name for loop in LOOP.findall(line) for name in loop.split()]
        for name in names:
            provoked.setdefault(name, f"{path.relative_to(source)}:{number}")

for name in sorted(ids & provoked.keys()):
    print(f"{name}: {provoked[name]}")
missing = sorted(ids - provoked.keys())
for name in missing:
    print(f"{name}: no test provokes it and asks doctor")
print(f"{len(ids) - len(missing)} of {len(ids)} failures are provoked")
sys.exit(1 if missing else 0)
