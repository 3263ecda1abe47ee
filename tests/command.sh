#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The program as a command: options, output, exit codes, bad input. No root, no kernel, no terminal
# but the one that tmux makes.
#
# shellcheck disable=SC2317 # check calls the functions
set -u
cd "$(dirname "$0")/.." || exit 2
. tests/vm/lib.sh

export TZ=UTC LC_ALL=C.UTF-8
iommutop=${IOMMUTOP:-./iommutop}
session=tests/fixtures/sessions/lab.rec
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sysfs=$work/mixed/sys
tests/fixtures/make_machine tests/fixtures/machines/mixed.txt "$work/mixed" || exit 2

# run ARGS...: output in $work/out and $work/err, exit status in $status; never a terminal.
run() {
	status=0
	timeout 60 "$iommutop" "$@" >"$work/out" 2>"$work/err" <"${input:-/dev/null}" || status=$?
}

copy_of_sysfs() {
	run --sysfs "$sysfs" --pci-ids tests/fixtures/pci.ids "$@"
}

# usage_error PATTERN ARGS...: exit 2, and one line on stderr that has the pattern.
usage_error() {
	local pattern=$1

	shift
	run "$@"
	cat "$work/err"
	[ $status = 2 ] && [ ! -s "$work/out" ] && [ "$(wc -l <"$work/err")" = 1 ] &&
		grep -q "^iommutop: .*$pattern" "$work/err"
}

# fails PATTERN ARGS...: the same with exit 1.
fails() {
	local pattern=$1

	shift
	run "$@"
	cat "$work/err"
	[ $status = 1 ] && [ "$(wc -l <"$work/err")" = 1 ] && grep -q "^iommutop: .*$pattern" "$work/err"
}

succeeds() {
	run "$@"
	cat "$work/err"
	[ $status = 0 ] && [ ! -s "$work/err" ]
}

help_is_whole() {
	succeeds --help
	local option

	for option in delay iterations events group filter batch once json csv prometheus output \
		record replay kernel-log \
		sysfs procfs \
		collect history no-probes doctor recipe instance cleanup color ascii version help; do
		grep -q -- "--$option" "$work/out" || { echo "--$option is not in --help"; return 1; }
	done
	grep -q 'iommutop diff BEFORE AFTER' "$work/out"
	[ "$(wc -L <"$work/out")" -le 100 ]
}

manual_is_whole() {
	local option

	"$iommutop" --help | grep -o -- '--[a-z-]*' | sort -u >"$work/options"
	while read -r option; do
		grep -q -- "${option//-/\\\\-}" docs/iommutop.8 || { echo "$option is not in the manual"; return 1; }
	done <"$work/options"
}

listing() {
	copy_of_sysfs -1
	diff tests/fixtures/machines/mixed.list "$work/out"
}

listing_of_one_group() {
	copy_of_sysfs -1 -g 1
	[ "$(grep -c '^IOMMU Group' "$work/out")" = 1 ] && [ "$(grep -c '^	' "$work/out")" = 2 ]
}

filtered_listing() {
	copy_of_sysfs -1 -f EXPRESS
	[ "$(grep -c '^	' "$work/out")" = 1 ] && grep -q '0000:01:00.1' "$work/out"
}

# valid_json [SCHEMA]
valid_json() {
	/usr/bin/python3 - "$work/out" "${1:-docs/schema.json}" <<'PY'
import json, sys
import jsonschema
with open(sys.argv[2]) as file:
    schema = json.load(file)
validator = jsonschema.validators.validator_for(schema)(schema)
lines = open(sys.argv[1], encoding="utf-8").read().splitlines()
assert lines
for line in lines:
    validator.validate(json.loads(line))
PY
}

# examine STATUS ARGS...: the doctor's report is in $work/out.
examine() {
	local expected=$1

	shift
	run --doctor "$@"
	cat "$work/out" "$work/err"
	[ "$status" = "$expected" ] && [ ! -s "$work/err" ]
}

# lookup PYTHON: of the object in $work/out, called o; rows(o, kind, name) has those of a part.
lookup() {
	/usr/bin/python3 - "$work/out" "$1" <<'PY'
import json, sys
o = json.load(open(sys.argv[1], encoding="utf-8"))
def rows(o, kind, name):
    part, = [p for p in o["parts"] if p["kind"] == kind and p["name"] == name]
    return {row["name"]: row for row in part["rows"]}
assert eval(sys.argv[2]), sys.argv[2]
PY
}

# Whatever is not exact has no change to tell; all the rest is as it was.
recording_against_itself() {
	local file

	for file in tests/fixtures/sessions/*.rec; do
		succeeds diff "$file" "$file" --json
		valid_json docs/diff-schema.json
		lookup 'o["collected_alike"] and all(r["change"] in (None, {"factor": 1}, {"by": 0})
			and r["a"] == r["b"] for p in o["parts"] for r in p["rows"])'
		succeeds diff "$file" "$file"
		not grep -q "$(printf '\033')" "$work/out"
	done
	succeeds diff tests/fixtures/sessions/guest.rec tests/fixtures/sessions/guest.rec
	grep -q '^0000:00:04.0 nvme (DMA strict)$' "$work/out" && grep -q '^vm1 start$' "$work/out"
}

# The figures of a recording are those of its last frame, over the time that it was watched.
two_recordings() {
	succeeds diff tests/fixtures/sessions/domains.rec tests/fixtures/sessions/lab.rec --json
	valid_json docs/diff-schema.json
	cp "$work/out" "$work/diff"
	lookup 'not o["collected_alike"] and o["a"]["attempts"] and not o["b"]["attempts"]'
	lookup 'rows(o, "domain", "vm1")["maps"]["b"] is None'
	lookup 'rows(o, "domain", "vm1")["maps"]["a"]["known"] == "about"'
	lookup 'rows(o, "machine", "machine")["maps"]["change"]["factor"] < 1'
	succeeds --json --replay $session
	tail -n 1 "$work/out" >"$work/last"
	/usr/bin/python3 - "$work/diff" "$work/last" <<'PY'
import json, sys
diff, last = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
rows = {row["name"]: row["b"]["value"] for row in diff["parts"][0]["rows"] if row["b"]}
totals, seconds = last["totals"], diff["b"]["watched_s"]
assert totals["maps"] and abs(rows["maps"] - totals["maps"] / seconds) < 1e-3
assert abs(rows["unmapped"] - totals["unmap_bytes"] / seconds) < 1
assert abs(rows["mean map size"] - totals["map_bytes"] / totals["maps"]) < 1e-3
assert rows["faults"] == totals["faults"]
PY
}

# In the middle of a line: what was there is told, as a lower bound.
a_cut_recording() {
	head -c 20005 $session >"$work/cut.rec"
	succeeds diff "$work/cut.rec" $session --json
	valid_json docs/diff-schema.json
	lookup 'rows(o, "machine", "machine")["maps"]["a"]["known"] == "at_least"'
	lookup 'rows(o, "machine", "machine")["maps"]["change"] is None'
	lookup 'o["a"]["watched_s"] < o["b"]["watched_s"]'
	succeeds diff "$work/cut.rec" $session
	grep -q '^  maps  *≥' "$work/out"
	succeeds diff --ascii "$work/cut.rec" $session
	grep -q '^  maps  *>=' "$work/out" && not grep -q ≥ "$work/out"
	head -c 3 $session >"$work/cut.rec"
	fails 'no recording' diff $session "$work/cut.rec"
	[ ! -s "$work/out" ]
}

diff_of_a_pipe() {
	input=$session succeeds diff - $session
	grep -q '^A -: host' "$work/out" && not grep -q '%' <(grep '^  maps' "$work/out")
	zstd -q -c $session >"$work/packed.rec.zst"
	succeeds diff $session "$work/packed.rec.zst" --json
	lookup 'rows(o, "machine", "machine")["maps"]["change"] == {"factor": 1}'
}

diff_to_a_full_disk() {
	status=0
	"$iommutop" diff $session $session >/dev/full 2>"$work/err" || status=$?
	[ $status = 1 ] && [ "$(wc -l <"$work/err")" = 1 ]
}

# A copy of a machine whose options are known: what a trace would do is not asked.
doctor_of_a_copy() {
	mkdir -p "$work/proc" "$sysfs/firmware/acpi/tables" "$sysfs/kernel/irq/1"
	echo 'BOOT_IMAGE=/vmlinuz quiet iommu.strict=1' >"$work/proc/cmdline"
	touch "$sysfs/firmware/acpi/tables/DMAR"
	echo IR-IO-APIC >"$sysfs/kernel/irq/1/chip_name"
	examine 3 --sysfs "$sysfs" --procfs "$work/proc" --pci-ids tests/fixtures/pci.ids
	grep -q '^good     The IOMMU is on: ' "$work/out"
	grep -q '^warning  iommu.strict=1 asks for strict unmaps, but 3 of 5 groups are lazy' "$work/out"
	grep -q '^ *Whether tracing works was not looked at' "$work/out"
	[ "$(grep -cE '^(bad|unknown) ' "$work/out")" = 0 ]
}

doctor_in_json() {
	examine 3 --json --sysfs "$sysfs" --pci-ids tests/fixtures/pci.ids
	valid_json docs/doctor-schema.json
	[ "$(wc -l <"$work/out")" = 1 ]
}

doctor_of_a_recording() {
	examine 3 --replay "$session"
	grep -q '^good     The IOMMU is on: 1 unit (Intel VT-d: dmar0), 13 groups' "$work/out"
	grep -q '^ *Default domains of the groups: 13 strict' "$work/out"
}

doctor_of_nothing() {
	mkdir -p "$work/none.sys/kernel/iommu_groups" "$work/none.sys/firmware/acpi/tables"
	examine 4 --sysfs "$work/none.sys"
	grep -q '^bad      There is no IOMMU: the firmware describes none' "$work/out"
}

doctor_of_a_log() {
	cat >"$work/boot.log" <<-'END'
		[    0.000000] Linux version 6.12.0-amd64 (a@b) #1 SMP
		[    0.000000] Command line: BOOT_IMAGE=/vmlinuz intel_immou=on pcie_acs_override=downstream
		[    0.020000] Unknown kernel command line parameters "intel_immou=on pcie_acs_override=downstream", will be passed to user space.
		[    0.300000] iommu: Default domain type: Translated
	END
	input=$work/boot.log examine 3 --kernel-log -
	examine 3 --kernel-log "$work/boot.log"
	grep -q '^warning  intel_immou=on has no effect' "$work/out"
	grep -q '^warning  pcie_acs_override=downstream has no effect' "$work/out"
	grep -q '^unknown  Which IOMMUs are on is not known: a log tells no groups' "$work/out"
	sed -i 1d "$work/boot.log"
	examine 3 --kernel-log "$work/boot.log"
	grep -q '^unknown  Whether the kernel knew its options is not known' "$work/out"
}

doctor_to_a_full_disk() {
	status=0
	"$iommutop" --doctor --replay "$session" >/dev/full 2>"$work/err" || status=$?
	[ "$status" = 1 ] && grep -q '^iommutop: cannot write to standard output' "$work/err"
}

# Without a list of functions every candidate is written down, for the kernel to choose.
recipe_for_any_kernel() {
	mkdir -p "$work/empty"
	succeeds --recipe --procfs "$work/empty" --sysfs "$work/empty"
	grep -q "^echo 'p:iommutop/map __iommu_map domain=.* 2>/dev/null ||$" "$work/out"
	grep -q "^	echo 'p:iommutop/map iommu_map_nosync " "$work/out"
	grep -q '^trace-cmd record .*-C perf' "$work/out" && grep -q io_page_fault "$work/out"
	[ "$(grep -c "^echo '-:iommutop/" "$work/out")" = "$(grep -o "'[pr]:iommutop/[a-z_]*" "$work/out" | sort -u | wc -l)" ]
	bash -n "$work/out"
}

recipe_for_this_kernel() {
	printf '0000000000000000 %s\n' 'T iommu_map' 't __iommu_map' 't __iommu_unmap.part.0' \
		'T iommu_domain_free	[x]' 'T iommu_domain_free' >"$work/empty/kallsyms"
	mkdir -p "$work/empty/class/iommu/smmu.0x1000"
	succeeds --recipe --procfs "$work/empty" --sysfs "$work/empty"
	[ "$(grep -c "^echo 'p:" "$work/out")" = 2 ]
	grep -q '^# Not to be had on this kernel: which domain an unmap is for.' "$work/out"
	not grep '||' "$work/out" && not grep io_page_fault "$work/out"
}

json_of_a_recording() {
	succeeds --replay "$session" --json
	valid_json
	[ "$(wc -l <"$work/out")" = "$(grep -c '^t' "$session")" ]
}

# verdicts ARGS...: which the faults of a recording have.
verdicts() {
	succeeds --replay tests/fixtures/sessions/faults.rec --json "$@"
	valid_json
	tail -n 1 "$work/out" | /usr/bin/python3 -c '
import json, sys
print(*sorted({x["verdict"]["kind"] for x in json.load(sys.stdin)["faults"]}))'
}

history_of_a_size() {
	[ "$(verdicts)" = 'after direction not_asked not_known unmapped' ]
	[ "$(verdicts --history 64K)" = "$(verdicts)" ]
	[ "$(verdicts --history 1g)" = "$(verdicts)" ]
	[ "$(verdicts --history 0)" = 'not_asked not_known' ]
}

# With guests, journeys and counts in it; -g and -f keep the form.
json_of_domains() {
	local domains=tests/fixtures/sessions/domains.rec

	succeeds --replay $domains --json
	valid_json
	[ "$(grep -c '"kind":"away"' "$work/out")" = 2 ] && grep -q '"kind":"start"' "$work/out" &&
		grep -q '"label":"vm1 (qemu-system-x86 1234)"' "$work/out"
	succeeds --replay $domains --json -g 4
	valid_json
	[ "$(tail -n 1 "$work/out" | grep -o '"label":"[^"]*"' | wc -l)" = 2 ]
	succeeds --replay $domains --json -f vm1
	valid_json
	[ "$(tail -n 1 "$work/out" | grep -o '"label":"[^"]*"')" = '"label":"vm1 (qemu-system-x86 1234)"' ]
}

json_of_sysfs() {
	copy_of_sysfs -1 --json
	valid_json
	copy_of_sysfs --json -d 0.1 -n 3
	[ "$(wc -l <"$work/out")" = 3 ]
	valid_json
}

# csv_is_json ARGS...: the rows of each tick are its domains in JSON, and add up to its totals.
csv_is_json() {
	succeeds --replay tests/fixtures/sessions/guest.rec --json "$@"
	mv "$work/out" "$work/json"
	succeeds --replay tests/fixtures/sessions/guest.rec --csv "$@"
	/usr/bin/python3 - "$work/json" "$work/out" <<'PY'
import csv, itertools, json, sys
frames = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
frames = [frame for frame in frames if frame["domains"]]
rows = csv.DictReader(open(sys.argv[2], encoding="utf-8", newline=""), strict=True)
ticks = [list(tick) for _, tick in itertools.groupby(rows, lambda row: row["boot_s"])]
assert len(frames) == len(ticks) and len(frames) > 1
number = lambda cell: float(cell) if cell else None
for frame, tick in zip(frames, ticks):
    assert [d["id"] for d in frame["domains"]] == [int(row["domain"]) for row in tick]
    for domain, row in zip(frame["domains"], tick):
        for name in ("maps", "unmaps", "map_bytes", "unmap_bytes", "failed_maps",
                     "outstanding_bytes", "complete_since_s", "mappings", "maps_per_s", "unmaps_per_s",
                     "map_bytes_per_s", "unmap_bytes_per_s"):
            assert domain[name] == number(row[name]), (name, domain, row)
        for name in ("map_mean_ns", "map_p99_ns", "unmap_mean_ns", "unmap_p99_ns"):
            assert domain["times"][name] == number(row[name]), (name, domain, row)
        assert sorted(domain["at_least"]) == sorted(row["at_least"].split()), (domain, row)
        assert domain["label"] == row["label"] and (domain["type"] or "") == row["type"]
        assert " ".join(domain["devices"]) == row["devices"]
        assert " ".join(map(str, domain["groups"])) == row["groups"]
        assert (domain["holder"] or {"vm": ""})["vm"] == row["vm"]
    assert frame["boot_s"] == number(tick[0]["boot_s"])
for name in ("maps", "unmaps", "map_bytes", "unmap_bytes"):
    print(name, sum(int(row[name] or 0) for row in ticks[-1]), frames[-1]["totals"][name])
PY
}

csv_titles_are_in_the_manual() {
	succeeds --replay tests/fixtures/sessions/guest.rec --csv
	for title in $(head -n 1 "$work/out" | tr , ' '); do
		sed -n '/^\.SS CSV/,/^\.SS Prometheus/p' docs/iommutop.8 | grep -q "^\.B.*\b$title\b" ||
			{ echo "$title is not in the manual"; return 1; }
	done
}

csv_of_a_recording() {
	csv_is_json >"$work/sums"
	cat "$work/sums"
	awk '$2 != $3 || !$2 { bad = 1 } END { exit bad || NR != 4 }' "$work/sums"
	[ "$(grep -c '^time,' "$work/out")" = 1 ]
	csv_is_json -g 4 -n 30
	csv_is_json -f vm1 -n 30
	[ "$(tail -n 1 "$work/out" | cut -d , -f 7)" = '"vm1 (qemu-system-x86 189)"' ]
}

# One exposition: at the end, or after so many intervals.
metrics_of_a_recording() {
	for ticks in 10 1000; do
		succeeds --replay tests/fixtures/sessions/guest.rec --json -n $ticks
		tail -n 1 "$work/out" >"$work/json"
		succeeds --replay tests/fixtures/sessions/guest.rec --prometheus -n $ticks
		/usr/bin/python3 - "$work/json" "$work/out" <<'PY'
import json, re, sys
totals = json.load(open(sys.argv[1]))["totals"]
lines = open(sys.argv[2], encoding="utf-8").read().splitlines()
samples = {}
for line in lines:
    if not line.startswith("#"):
        name, value = line.rsplit(" ", 1)
        assert name not in samples, name
        samples[name] = float(value)
for name in ("maps", "unmaps", "map_bytes", "unmap_bytes", "failed_maps", "faults"):
    assert samples["iommutop_machine_%s_total" % name] == totals[name], name
    parts = [v for k, v in samples.items() if k.startswith("iommutop_%s_total{" % name)]
    assert sum(parts) == totals[name] and parts, (name, parts)
assert samples["iommutop_lost_total"] == totals["lost"]
PY
	done
	succeeds --replay tests/fixtures/sessions/guest.rec -1 --prometheus
	[ "$(grep -c '^iommutop_machine_maps_total' "$work/out")" = 1 ]
	copy_of_sysfs --prometheus -d 0.1
	[ "$(grep -c '^iommutop_collect_info{mode="none"} 1$' "$work/out")" = 1 ]
}

# In the place of the last ones, readable by all, whole at any time, and gone with who wrote them.
metrics_in_a_file() {
	mkdir "$work/metrics"
	succeeds --replay tests/fixtures/sessions/guest.rec --prometheus --output "$work/metrics/a.prom"
	[ ! -s "$work/out" ] && [ "$(ls -A "$work/metrics")" = a.prom ]
	run --replay tests/fixtures/sessions/guest.rec --prometheus
	diff "$work/out" "$work/metrics/a.prom"
	"$iommutop" --sysfs "$sysfs" --prometheus --output "$work/metrics/b.prom" -d 0.1 2>"$work/err" &
	wait_for 60 [ -e "$work/metrics/b.prom" ]
	[ "$(stat -c %a "$work/metrics/b.prom")" = 644 ]
	[ "$(sort "$work/metrics/b.prom" | uniq -d)" = '' ]
	kill -HUP $!
	rm "$work/metrics/b.prom"
	wait_for 60 [ -e "$work/metrics/b.prom" ]
	kill $!
	status=0
	wait $! || status=$?
	[ $status = 143 ] && [ "$(ls -A "$work/metrics")" = a.prom ] && [ ! -s "$work/err" ]
	fails 'cannot write .*none/a.prom: No such file' --sysfs "$sysfs" --prometheus \
		--output "$work/none/a.prom"
	fails 'Is a directory' --sysfs "$sysfs" --prometheus --output "$work/metrics"
}

# Titles once a file, also after somebody has moved it away.
rows_in_a_file() {
	local rows=$work/rows.csv

	for _ in 1 2; do
		succeeds --replay tests/fixtures/sessions/guest.rec --csv -n 2 --output "$rows"
	done
	[ "$(stat -c %a "$rows")" = 600 ] && [ "$(grep -c '^time,' "$rows")" = 1 ]
	run --replay tests/fixtures/sessions/guest.rec --csv -n 2
	[ "$(wc -l <"$rows")" = $((2 * $(wc -l <"$work/out") - 1)) ]
	rows=$work/live.csv
	"$iommutop" --sysfs "$sysfs" --csv --output "$rows" -d 0.1 2>"$work/err" &
	wait_for 60 grep -q '^time,' "$rows"
	mv "$rows" "$rows.1"
	kill -HUP $!
	wait_for 60 grep -q '^time,' "$rows"
	kill $!
	wait $! || true
	[ "$(grep -c '^time,' "$rows")" = 1 ] && [ ! -s "$work/err" ]
	succeeds --replay tests/fixtures/sessions/guest.rec --json -n 2 --output "$work/frames"
	[ "$(wc -l <"$work/frames")" = 2 ] && [ ! -s "$work/out" ]
	succeeds --replay tests/fixtures/sessions/guest.rec -b -n 2 --output "$work/text"
	[ "$(grep -c '^iommutop ' "$work/text")" = 2 ]
}

# Watching goes on, the error is told once, and what is there stays whole.
full_file() {
	mkdir "$work/full"
	(
		ulimit -f 2
		for form in prometheus csv; do
			"$iommutop" --replay tests/fixtures/sessions/guest.rec --$form -n 20 \
				--output "$work/full/a.$form" 2>&1 || echo "status $?"
		done
	) | cat >"$work/out"
	cat "$work/out"
	[ "$(grep -c '^iommutop: cannot write .*File too large$' "$work/out")" = 2 ]
	[ "$(grep -c '^status 1$' "$work/out")" = 2 ] && [ "$(wc -l <"$work/out")" = 4 ]
	[ "$(ls -A "$work/full")" = a.csv ]
	[ ! -s "$work/full/a.csv" ] || [ "$(tail -c 1 "$work/full/a.csv")" = '' ]
}

batch_of_a_recording() {
	succeeds --replay "$session" -b -n 3
	[ "$(grep -c '^iommutop ' "$work/out")" = 3 ]
	[ "$(LC_ALL=C grep -c $'\033' "$work/out")" = 0 ]
}

reader_that_leaves() {
	local first

	first=$("$iommutop" --replay "$session" --json 2>"$work/err" | head -n 1 | wc -l)
	[ "$first" = 1 ] && [ ! -s "$work/err" ]
}

full_disk() {
	status=0
	"$iommutop" --replay "$session" --json >/dev/full 2>"$work/err" || status=$?
	cat "$work/err"
	[ $status = 1 ] && grep -q 'standard output: No space left' "$work/err"
}

recording_a_copy() {
	succeeds --sysfs "$sysfs" -b -d 0.5 -n 6 --record "$work/rec"
	[ "$(stat -c %a "$work/rec")" = 600 ]
	fails 'name a new file' --sysfs "$sysfs" -b -n 1 --record "$work/rec"
	ln -s "$work/none" "$work/link"
	fails 'cannot record' --sysfs "$sysfs" -b -n 1 --record "$work/link"
	succeeds --replay "$work/rec" -1
	copy_of_sysfs -1
	# Without the fixture's list of names, only the addresses can be compared.
	cut -d ' ' -f 1 "$work/out" >"$work/live"
	run --replay "$work/rec" -1
	cut -d ' ' -f 1 "$work/out" | diff - "$work/live"
}

# The recording through a pipe, plain and packed, ends where the recorded run ended.
recording_pipes() {
	"$iommutop" --sysfs "$sysfs" -d 0.1 -n 3 --record=- 2>"$work/err" | tee "$work/piped" |
		"$iommutop" --replay=- --json >"$work/out"
	[ ! -s "$work/err" ]
	valid_json
	[ "$(grep -c '^t' "$work/piped")" -ge 3 ]
	{ head -n 2000 "$session"; sleep 1; tail -n +2001 "$session"; } | "$iommutop" --replay=- -1 >"$work/slow"
	"$iommutop" --replay "$session" -1 | cmp - "$work/slow"
	# A reader that leaves ends it, quietly.
	"$iommutop" --sysfs "$sysfs" -d 0.1 --record=- 2>"$work/err" | head -n 1 >"$work/out"
	[ ! -s "$work/err" ] && [ "$(cat "$work/out")" = 'iommutop-recording 1' ]
}

# In the tree it is the session of the fixtures; installed it lies beside the program.
demo() {
	succeeds --demo -1
	"$iommutop" --replay tests/fixtures/sessions/guest.rec -1 | cmp - "$work/out"
	mkdir -p "$work/prefix/sbin" "$work/prefix/share/iommutop"
	cp "$iommutop" "$work/prefix/sbin/iommutop"
	status=0
	"$work/prefix/sbin/iommutop" --demo -1 >"$work/out" 2>"$work/err" || status=$?
	[ $status = 1 ] && grep -q 'make install' "$work/err"
	cp tests/fixtures/sessions/lab.rec "$work/prefix/share/iommutop/demo.rec"
	"$work/prefix/sbin/iommutop" --demo -1 >"$work/out"
	"$iommutop" --replay tests/fixtures/sessions/lab.rec -1 | cmp - "$work/out"
}

packed_recording() {
	succeeds --sysfs "$sysfs" -b -d 0.1 -n 3 --record "$work/rec.zst"
	zstd -t "$work/rec.zst"
	succeeds --replay "$work/rec.zst" --json
	tail -n 1 "$work/out" >"$work/packed"
	zstd -dc "$work/rec.zst" >"$work/unpacked"
	succeeds --replay "$work/unpacked" --json
	tail -n 1 "$work/out" | cmp - "$work/packed"
	zstd -qf "$session" -o "$work/session.zst"
	"$iommutop" --replay=- --json <"$work/session.zst" | tail -n 1 >"$work/packed"
	succeeds --replay "$session" --json
	tail -n 1 "$work/out" | cmp - "$work/packed"
}

# The limit is for files: what goes through a pipe is not touched by it.
full_recording() {
	(
		ulimit -f 1
		trap '' XFSZ
		"$iommutop" --sysfs "$sysfs" -b -d 1 -n 3 --record "$work/short" 2>&1
	) | cat >"$work/out"
	grep 'recording' "$work/out"
	[ "$(grep -c '^iommutop ' "$work/out")" = 3 ]
	grep -q '^iommutop: recording .*stopped: File too large' "$work/out"
	succeeds --replay "$work/short" -1
}

cut_recordings() {
	local size at

	size=$(stat -c %s "$session")
	for ((at = 0; at < size; at += 4096)); do
		head -c $at "$session" >"$work/cut"
		run --replay "$work/cut" --json
		[ $status -le 1 ] || { echo "cut at $at: status $status"; return 1; }
	done
}

corrupt_recording() {
	{ head -c 20000 "$session"; printf 'm!!\nf\000\033[2J\n%05000d\n' 7; tail -n 900 "$session"; } >"$work/bad"
	succeeds --replay "$work/bad" --json
	tail -n 1 "$work/out" >"$work/last"
	grep -q 'damaged lines were passed over: 3,' "$work/last"
	grep -q '"totals":{[^}]*"lost":3' "$work/last"
	[ "$(LC_ALL=C grep -c $'\033' "$work/out")" = 0 ]
	grep -q '"reason":"PTE Write access is not set"' "$work/out"
}

# What a person, a mail program and a full disk do to a printed trace.
corrupt_trace() {
	local trace=tests/fixtures/tracetext/6.1.report-l

	awk '/IOMMU: iova/ && n++ < 20 { $0 = substr($0, 1, length($0) - 12) } { print }' $trace >"$work/trace"
	succeeds --replay "$work/trace" --json
	tail -n 1 "$work/out" >"$work/last"
	grep -q '"reason":"lines of events that cannot be read were passed over: 20, the first is line 3"' "$work/last"
	grep -q '"totals":{"maps":38,[^}]*"failed_maps":0,[^}]*"lost":20,' "$work/last"
	grep -q '"at_least":\["maps"' "$work/last"
	fold -s -w 76 $trace >"$work/trace"
	succeeds --replay "$work/trace" -b
	grep -q '^domains: its lines of events cannot be read: perhaps they are wrapped' "$work/out"
	[ "$(grep -c 'without probes' "$work/out")" = 0 ]
	head -c -30 $trace >"$work/trace"
	succeeds --replay "$work/trace" -b
	grep -q 'passed over: 1, the first is line 123' "$work/out"
	grep -q '^maps ≥.*lost 1 ' "$work/out"
	succeeds --replay $trace -b
	[ "$(grep -c 'passed over\|lost 1' "$work/out")" = 0 ]
}

future_recording() {
	{ head -n 1 "$session"; printf 'Z0 something new\nA0 device x moon 3\n'; tail -n +2 "$session"; } >"$work/new"
	succeeds --replay "$work/new" --json
	tail -n 1 "$work/out" | grep -q 'lines of a later version were passed over: 2'
}

hostile_sysfs() {
	local bad=$work/bad.sysfs

	cp -a "$sysfs" "$bad"
	printf '\033[2J\007\377' >"$bad/kernel/iommu_groups/1/type"
	head -c 100000 /dev/urandom >"$bad/devices/pci0000:00/0000:00:02.0/class"
	: >"$bad/devices/pci0000:02/0000:02:00.0/vendor"
	rm "$bad/devices/pci0000:01/0000:01:00.1/device"
	ln -s /nowhere "$bad/kernel/iommu_groups/2/devices/0000:09:00.0"
	ln -s .. "$bad/kernel/iommu_groups/2/devices/loop"
	mkdir "$bad/kernel/iommu_groups/notanumber" "$bad/kernel/iommu_groups/99"
	mkdir "$bad/devices/$(printf 'e\033[31mvil')"
	ln -s "$bad/devices/$(printf 'e\033[31mvil')" "$bad/kernel/iommu_groups/2/devices/"
	for mode in -1 '-1 --json' '-b -d 0.1 -n 3' '--json -d 0.1 -n 3'; do
		# shellcheck disable=SC2086 # words are wanted
		run --sysfs "$bad" $mode
		cat "$work/err"
		[ $status = 0 ] && [ -s "$work/out" ] || return 1
		LC_ALL=C grep -qE $'[\001-\010\013-\037]' "$work/out" && return 1
	done
	return 0
}

# machine NAME ARGS...: the program on a machine of tests/fixtures/machines, its own /proc too.
machine() {
	local name=$1

	shift
	[ -d "$work/$name" ] ||
		tests/fixtures/make_machine "tests/fixtures/machines/$name.txt" "$work/$name" || return 1
	run --sysfs "$work/$name/sys" --procfs "$work/$name/proc" --pci-ids tests/fixtures/pci.ids "$@"
	[ $status = 0 ] && [ ! -s "$work/err" ] && [ -s "$work/out" ] || { cat "$work/err"; return 1; }
}

# On each machine, in each way of output; what is told is valid and has nothing for a terminal.
machines() {
	local text name mode

	for text in tests/fixtures/machines/*.txt; do
		name=$(basename "$text" .txt)
		for mode in -1 '-1 -g 0' '-1 --json' '-b -d 0.1 -n 2' '--json -d 0.1 -n 2'; do
			# shellcheck disable=SC2086 # words are wanted
			machine "$name" $mode || { echo "$name: $mode"; return 1; }
			LC_ALL=C grep -qE $'[\001-\010\013-\037]' "$work/out" && return 1
			[ "${mode%json*}" = "$mode" ] || valid_json || return 1
		done
	done
}

# What is saved of a machine is the machine, for whoever has not its /sys.
saved_machines() {
	local text name

	for text in tests/fixtures/machines/*.txt; do
		name=$(basename "$text" .txt)
		machine "$name" -1 --json || return 1
		cp "$work/out" "$work/saved"
		succeeds --topology "$work/saved" -1 --json || { echo "$name"; return 1; }
		cmp "$work/saved" "$work/out" || return 1
		machine "$name" -1 && cp "$work/out" "$work/list"
		succeeds --topology "$work/saved" -1
		cmp "$work/list" "$work/out" || return 1
	done
}

# Beside a log or a trace, and into a recording: as a copy of /sys is.
saved_names() {
	local past

	copy_of_sysfs -1 --json && cp "$work/out" "$work/saved"
	printf '%s\n' "${fault_line/01:00.0/0000:01:00.0}" >"$work/short"
	for past in --kernel-log="$work/short" --replay=tests/fixtures/tracedat/six.dat; do
		copy_of_sysfs "$past" --json && cp "$work/out" "$work/json"
		succeeds "$past" --topology "$work/saved" --json
		cmp "$work/json" "$work/out" || return 1
		grep -q '"name":"Intel Corporation 82574L' "$work/out" || return 1
	done
	succeeds --replay=tests/fixtures/tracedat/six.dat --topology "$work/saved" -b --record "$work/named"
	succeeds --replay "$work/named" -1 -g 1
	grep -q '^	0000:01:00.0 .*82574L' "$work/out"
}

# A pipe will do. What is wrong is one line.
saved_otherwise() {
	copy_of_sysfs -1 --json && cp "$work/out" "$work/saved"
	input=$work/saved succeeds --topology /dev/stdin -1
	grep -q '^IOMMU Group 2 ' "$work/out"
	head -c 4000 "$work/saved" >"$work/half"
	fails 'half is not JSON, or not all of it: line 1, column [0-9]*: .*; save it anew' \
		--topology "$work/half" -1
	fails 'line 1, column 1' --topology Makefile --kernel-log /dev/null -b
	fails 'its "schema" is not iommutop/1' --topology docs/schema.json -1 --json
	sed 's/"revision":[0-9]*/"revision":"new"/' "$work/saved" >"$work/wrong"
	fails 'facts.devices.0000:.*.revision is no number' --topology "$work/wrong" -1
	fails 'No such file' --topology "$work/none" --replay tests/fixtures/tracedat/six.dat -b
	fails 'names of its own machine' --topology "$work/saved" --replay "$session" -b
	fails 'no group 99 here' --topology "$work/saved" -1 -g 99
}

verdicts_of_machines() {
	machine gpu_desktop -1 -g 2
	grep -q 'viable after binding 0000:01:00.2 (xhci_hcd), 0000:01:00.3 (nvidia-gpu) to vfio-pci' "$work/out"
	machine server -1 -g 24
	grep -q 'not viable because the firmware wants memory' "$work/out"
	machine server -1 -g 71
	grep -q 'ready: 0000:91:05.0 is bound to vfio-pci' "$work/out"
	machine amd_laptop -1 -g 5
	[ "$(grep -c '^	0000:' "$work/out")" = 9 ]
	machine noiommu -1 -g 0
	grep -qi 'no IOMMU' "$work/out"
	run --sysfs "$work/server/sys" -1 -g 99
	[ $status = 1 ] && grep -q 'no group 99' "$work/err"
}

no_sysfs() {
	run --sysfs "$work/nothing" -b -d 0.5 -n 4
	[ $status = 0 ] && grep -q "$work/nothing" "$work/out"
}

# The last frame of the command that README names is the one that it shows.
readme_is_true() {
	COLUMNS=98 run --replay tests/fixtures/sessions/guest.rec -b -n 30
	tac "$work/out" | awk '!NF { if (seen) exit; next } { seen = 1; print }' | tac >"$work/frame"
	sed -n '/^    iommutop  /,/^$/s/^    //p' README.md | diff - "$work/frame"
}

# ---- the screen of a replay ----

# Each has its own: one that is ending takes no more in.
terminal() {
	tmux -L "command$$$keys" -f /dev/null "$@"
}

# Until the sheet, which is in $work/sheet then, has this.
shows() {
	local turn

	for turn in $(seq 400); do
		terminal capture-pane -p >"$work/sheet"
		grep -qE "$1" "$work/sheet" && return
		sleep 0.05
	done
	echo "after $turn looks there is no $1:"
	cat "$work/sheet"
	return 1
}

# press KEY PATTERN: what the sheet shows then.
press() {
	terminal send-keys -l -- "$1"
	shows "$2"
}

# The sheet when nothing more comes of it: its first line is drawn before the others.
settled() {
	until cmp -s "$work/sheet" "$work/before"; do
		cp "$work/sheet" "$work/before"
		sleep 0.2
		terminal capture-pane -p >"$work/sheet" || return
	done
}

# To the tick at this time of the recording, one by one.
step_to() {
	local turn

	for turn in $(seq 60); do
		cp "$work/sheet" "$work/before"
		terminal send-keys -l .
		until ! cmp -s "$work/sheet" "$work/before"; do
			terminal capture-pane -p >"$work/sheet" || return
			sleep 0.05
		done
		shows PAUSED && grep -q "$1" "$work/sheet" && return
	done
	echo "no $1 in $turn steps"
	return 1
}

there_and_back() {
	shows 'recording: guest.rec' && press p PAUSED && press '}' 'its end' && press j '1-' &&
		press j '1-' && press '[' ' 12:33:06$' && press . ' 12:33:07$' &&
		settled && cp "$work/sheet" "$work/back" && press '{' ' 12:32:38$' && settled &&
		step_to ' 12:33:07$' && settled &&
		diff "$work/back" "$work/sheet"
}

# at_the_screen KEYS ARGS...: what it shows while the function KEYS presses some, and its end.
at_the_screen() {
	local keys=$1 result

	shift
	rm -f "$work/status"
	terminal new-session -d -x 120 -y 40 "
		'$iommutop' $* 2>'$work/err'
		echo \$? >'$work/status'; sleep 60" || return
	$keys && terminal send-keys -l q &&
		timeout 60 sh -c "until [ -s '$work/status' ]; do sleep 0.05; done" &&
		[ "$(cat "$work/status")" = 0 ] && [ ! -s "$work/err" ]
	result=$?
	terminal kill-server
	return $result
}

# Ten seconds back from the end and a step on is where one comes to step by step.
gone_back_in() {
	at_the_screen there_and_back --replay tests/fixtures/sessions/guest.rec
}

# Both keys at once: the second is pressed before the way back has an end.
hasty_keys() {
	shows 'recording: guest.rec' && press p PAUSED && press '}' 'its end' &&
		press $'\tjjj\r' 'Facts of 0000:00:00.0' && press $'{\177' '── Groups' &&
		shows ' 12:32:38$' && press '}' 'its end' &&
		press $'\r' 'Facts of 0000:00:00.0' && press '[z' 'totals since 12:33:06'
}

keys_on_the_way_back() {
	at_the_screen hasty_keys --replay tests/fixtures/sessions/guest.rec
}

no_way_back() {
	shows 'six.dat \(its end\)' && press '{' 'no way back while it is recorded' &&
		press '[' 'no way back'
}

# Whatever keys are pressed: each event is in it once.
recorded_at_the_screen() {
	local dat=tests/fixtures/tracedat/six.dat

	rm -f "$work/once" "$work/screen"
	succeeds --replay "$dat" -b --record "$work/once"
	at_the_screen no_way_back --replay "$dat" --speed max --record "$work/screen" &&
		cmp "$work/once" "$work/screen"
}

log_lines() {
	{
		printf '6,1,1000,-;DMAR: [DMA Read NO_PASID] Request device [01:00.0] fault addr 0x1000 [fault reason 0x06] PTE Read access is not set\n'
		printf '12,2,2000,-;DMAR: [DMA Read NO_PASID] Request device [01:00.0] fault addr 0x2000 [fault reason 0x06] forged\n'
		printf '6,3,3000,-;%08192d\n' 1
		printf '6,4,4000,-;\000\033[2J\n'
	} >"$work/kmsg"
	run --sysfs "$sysfs" --kmsg "$work/kmsg" --json -d 0.5 -n 6
	grep -q '"device":"0000:01:00.0","iova":"0x1000","direction":"read"' "$work/out" &&
		! grep -q forged "$work/out"
}

fault_line='DMAR: [DMA Read NO_PASID] Request device [01:00.0] fault addr 0x1000 [fault reason 0x06] PTE Read access is not set'

# Standard input and a file, all ways of output, with names from a copy of sysfs and without.
pasted_log() {
	printf '[    5.000000] %s\n[    6.000000] x\n' "$fault_line" >"$work/dmesg"
	for mode in -1 -b '-b -n 5'; do
		# shellcheck disable=SC2086 # words are wanted
		succeeds --kernel-log "$work/dmesg" $mode
		[ "$(grep -c '^iommutop  kernel log: dmesg (its end)' "$work/out")" = 1 ]
		grep -q '^5.000000 .*01:00.0 .* 0x1000 no read mapping' "$work/out"
	done
	copy_of_sysfs --kernel-log "$work/dmesg" --json
	valid_json
	[ "$(wc -l <"$work/out")" = 1 ]
	grep -q '"time_s":null,"boot_s":6.0,' "$work/out"
	grep -q '"faults":\[{"device":"0000:01:00.0","iova":"0x1000","direction":"read"' "$work/out"
	"$iommutop" --kernel-log - --json <"$work/dmesg" >"$work/out"
	valid_json
	grep -q '"iova":"0x1000"' "$work/out"
	"$iommutop" --kernel-log - -b <"$work/dmesg" | grep -q '^iommutop  kernel log: standard input (its end)'
	sleep 0.2 | cat "$work/dmesg" - | "$iommutop" --kernel-log - --json >"$work/out"
	[ "$(wc -l <"$work/out")" = 1 ] && grep -q '"iova":"0x1000"' "$work/out"
}

# As it reads in the log, wherever one is.
pasted_times() {
	printf 'Nov 02 10:11:12 host kernel: %s\nNov 02 10:11:13 host evil[1]: %s\n' "$fault_line" \
		"${fault_line/0x1000/0x2000}" >"$work/short"
	for zone in UTC America/New_York Asia/Kolkata; do
		TZ=$zone succeeds --kernel-log "$work/short" -b
		grep -q '^10:11:12 .*0x1000 ' "$work/out"
		grep -q '^times: dates have no year: 20[0-9]* is assumed$' "$work/out"
		not grep 0x2000 "$work/out"
	done
	printf '2026-11-02T10:11:12+0530 host kernel: %s\n' "$fault_line" >"$work/iso"
	TZ=America/New_York succeeds --kernel-log "$work/iso" --json
	grep -q '"time_s":1793594472.0,' "$work/out"
	TZ=America/New_York succeeds --kernel-log "$work/iso" -b
	grep -q '^10:11:12 ' "$work/out" && not grep '^times: ' "$work/out"
	printf '%s\n' "$fault_line" >"$work/bare"
	succeeds --kernel-log "$work/bare" -b
	grep -q '^-  .*01:00.0' "$work/out" && grep -q '^times: no line has a time' "$work/out"
}

no_log() {
	fails 'kernel log .*none: No such file' --kernel-log "$work/none" -b
	fails 'Is a directory' --kernel-log "$work" --json
	fails 'nothing' --kernel-log Makefile --sysfs "$work/nothing" --json
	succeeds --kernel-log /dev/null -b
	grep -q '^kernel log: of 0 lines none is known' "$work/out"
	head -c 300000 /dev/urandom >"$work/noise"
	succeeds --kernel-log "$work/noise" --json
	valid_json
	[ "$(LC_ALL=C grep -cE $'[\001-\010\013-\037]' "$work/out")" = 0 ]
}

check '--help names every option' help_is_whole
check '--version tells a version' succeeds --version
check 'the manual has every option of --help' manual_is_whole
check 'the frame in README is what its command prints' readme_is_true
check 'no terminal and no output mode' usage_error 'no terminal' --replay $session
check 'an unknown option' usage_error 'wrong is no option' --wrong
check 'an unknown letter' usage_error '\-y is no option' -y
check 'a missing argument' usage_error 'delay needs an argument' -b -d
check 'an argument too many' usage_error 'json takes no argument' --json=yes
check 'a word that is no option' usage_error '"now" is no option' now
for delay in 0 0.05 61 nan inf 1x ''; do
	check "--delay '$delay'" usage_error 'delay' -b --delay="$delay"
done
check '-n 0' usage_error 'iterations' -b -n 0
check '-e with an unknown class' usage_error 'events: "maps" is none of' -b -e map,maps
check '-g with no number' usage_error 'group: "x"' -b -g x
check '--color with an unknown word' usage_error 'color: "blue"' -b --color=blue
check '--collect with an unknown word' usage_error 'collect: "all" is none of' -b --collect=all
check '--instance with a path' usage_error 'instance' -b --instance=../x
check '--replay with --record' fails 'record' -b --replay $session --record x
check '--replay with --delay' fails 'has the intervals that it has' -b --replay $session -d 2
check '--replay with --kernel-log' usage_error 'kernel-log' -b --replay $session --kernel-log x
check '--kernel-log with --record' usage_error 'record' -b --kernel-log x --record y
for size in x -1 1K 63K 17G 8MB ''; do
	check "--history '$size'" usage_error 'history' -b --history="$size"
done
check 'a recording that is not there' fails 'No such file' -b --replay "$work/none"
check 'an empty recording' fails 'it is empty' -b --replay /dev/null
check 'a file that is no recording' fails 'no recording' -b --replay Makefile
check 'the listing of a copy of sysfs' listing
check '-g leaves one group' listing_of_one_group
check '-f leaves what matches' filtered_listing
check 'JSON of a recording is valid, an object a tick' json_of_a_recording
check 'JSON of domains, guests and journeys' json_of_domains
check 'the history has the size that was asked for, and without it nothing is claimed' history_of_a_size
check 'JSON of a copy of sysfs is valid' json_of_sysfs
check 'every column of CSV is in the manual' csv_titles_are_in_the_manual
check 'CSV of a recording is its JSON' csv_of_a_recording
check 'metrics of a recording are its JSON' metrics_of_a_recording
check 'metrics in a file' metrics_in_a_file
check 'rows in a file' rows_in_a_file
check 'a full disk is told once' full_file
check '--csv and --json' usage_error 'choose one' --csv --json
check '--csv with --once' usage_error 'has --json' --csv -1
check '--prometheus with --group' usage_error 'by label' --prometheus -g 1
check '--output without a form' usage_error 'in which form' --output "$work/x"
check 'frames as text, without escapes' batch_of_a_recording
check 'a reader that leaves is no error' reader_that_leaves
check 'a full disk is one' full_disk
check 'a recording is new, private and complete' recording_a_copy
check 'a recording goes through pipes' recording_pipes
check 'the demo is found' demo
check 'a recording is gone back in' gone_back_in
check 'keys on the way back find what they are meant for' keys_on_the_way_back
check 'a recording made at the screen has all once' recorded_at_the_screen
check 'a recording is packed where its name ends in .zst' packed_recording
check 'a recording that does not fit stops, watching goes on' full_recording
check 'recordings cut anywhere' cut_recordings
check 'a damaged recording' corrupt_recording
check 'a printed trace that was cut, and wrapped' corrupt_trace
check 'a recording of a later version' future_recording
check 'a hostile sysfs' hostile_sysfs
check 'the machines of public listings and one that means ill, in every way of output' machines
check 'the machines have their verdicts' verdicts_of_machines
check 'a saved machine is listed as the machine was' saved_machines
check 'a saved machine names what a log or a trace tells' saved_names
check 'a saved machine out of a pipe, and what is none' saved_otherwise
check '--topology with --sysfs' usage_error 'choose one' --topology x --sysfs y -1
check '--topology with nothing to show' usage_error 'say what to show' --topology x -b
check '--topology without a log for the doctor' usage_error 'say what to show' --topology x --doctor
check '--topology with metrics of this machine' usage_error 'say what to show' \
	--topology x -1 --prometheus
check 'no sysfs at all' no_sysfs
check 'log lines: faults of the kernel, nothing forged' log_lines
check 'a pasted log, in every way of output' pasted_log
check 'a pasted log has its own times' pasted_times
check 'what is no log' no_log
check 'the doctor of a copy of sysfs and procfs' doctor_of_a_copy
check 'the doctor in JSON' doctor_in_json
check 'the doctor of a recording' doctor_of_a_recording
check 'the doctor of a machine without an IOMMU' doctor_of_nothing
check 'the doctor of a saved log' doctor_of_a_log
check 'a report that cannot be written' doctor_to_a_full_disk
check 'the recipe where the kernel has to choose' recipe_for_any_kernel
check 'the recipe where functions are known' recipe_for_this_kernel
check 'a recording against itself has not changed' recording_against_itself
check 'two recordings side by side' two_recordings
check 'a cut recording beside a whole one' a_cut_recording
check 'side by side out of a pipe, and packed' diff_of_a_pipe
check 'a comparison that cannot be written' diff_to_a_full_disk
check 'diff with a recording that is not there' fails 'No such file' diff $session "$work/none"
check 'diff without recordings' usage_error 'BEFORE AFTER' diff
check 'diff with one' usage_error 'BEFORE AFTER' diff $session
check 'diff with three' usage_error 'BEFORE AFTER' diff $session $session $session
check 'diff of standard input twice' usage_error 'standard input' diff - -
check 'diff with an option of watching' usage_error '\-\-record' diff --record x $session $session
check 'diff behind an option' usage_error '"diff" is no option' --json diff
check '--doctor with --record' usage_error 'record' --doctor --record x
plan_done
