#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What --prometheus writes, held against the real thing: Debian's promtool, prometheus and
# node_exporter. They are taken from where they are installed, or else out of their packages into
# build/prometheus: installed, they would run on this machine from then on. Exit status 77 where they
# cannot be had.
#
# shellcheck disable=SC2317 # check calls the functions
set -u
cd "$(dirname "$0")/.." || exit 2
. tests/vm/lib.sh

export TZ=UTC LC_ALL=C.UTF-8
iommutop=${IOMMUTOP:-./iommutop}
sessions=tests/fixtures/sessions
packages=$PWD/build/prometheus
programs='prometheus promtool prometheus-node-exporter'

have_programs() {
	local program

	for program in $programs; do
		command -v "$program" >/dev/null || return 1
	done
}

download() {
	apt-get download prometheus prometheus-node-exporter
}

fetch_packages() {
	local package

	rm -rf "$packages" && mkdir -p "$packages" && cd "$packages" &&
		{ download || { [ "$(id -u)" = 0 ] && apt-get update && download; }; } &&
		for package in *.deb; do dpkg -x "$package" . || return 1; done
}

PATH=$PATH:$packages/usr/bin
if ! have_programs && ! (fetch_packages) >/dev/null 2>&1; then
	echo "# no $programs; as root: apt-get update" >&2
	exit 77
fi

work=$(mktemp -d)
mkdir "$work/textfile"
children=()

# shellcheck disable=SC2317 # called by a trap
clean_up() {
	[ ${#children[@]} = 0 ] || kill "${children[@]}" 2>/dev/null
	wait
	rm -rf "$work"
}
trap clean_up EXIT

# Two that nobody listens on now.
read -r exporter server < <(/usr/bin/python3 -c '
import socket
sockets = [socket.socket() for _ in range(2)]
for s in sockets:
    s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))')

# lint NAME ARGS...: promtool has nothing to say about it, not even about style.
lint() {
	local name=$1

	shift
	"$iommutop" --prometheus "$@" >"$work/$name.prom" || return 1
	[ -s "$work/$name.prom" ] || return 1
	promtool check metrics <"$work/$name.prom" >"$work/lint" 2>&1 || { cat "$work/lint"; return 1; }
	cat "$work/lint"
	[ ! -s "$work/lint" ]
}

every_few_ticks() {
	local ticks tick

	ticks=$(grep -c '^t' $sessions/domains.rec)
	for ((tick = 1; tick <= ticks; tick += 5)); do
		lint tick --replay $sessions/domains.rec -n $tick
	done
}

start_servers() {
	cat >"$work/prometheus.yml" <<-YAML
		global: {scrape_interval: 1s, evaluation_interval: 1s}
		rule_files: [$PWD/contrib/prometheus/iommutop.rules.yml]
		scrape_configs:
		  - job_name: node
		    static_configs: [{targets: ['127.0.0.1:$exporter']}]
	YAML
	prometheus-node-exporter --collector.disable-defaults --collector.textfile \
		--collector.textfile.directory="$work/textfile" \
		--web.listen-address="127.0.0.1:$exporter" >"$work/exporter.log" 2>&1 &
	children+=($!)
	prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
		--web.listen-address="127.0.0.1:$server" >"$work/server.log" 2>&1 &
	children+=($!)
}

# query EXPRESSION: its one value.
query() {
	promtool query instant "http://127.0.0.1:$server" "$1" | sed -n 's/.* => \([^ ]*\) @.*/\1/p'
}

# soon_is EXPRESSION VALUE: within 60 looks, for a scrape is a second away.
soon_is() {
	local i

	for ((i = 0; i < 60; i++)); do
		[ "$(query "$1" 2>"$work/query.err")" = "$2" ] && return 0
		sleep 0.5
	done
	echo "$1 is $(query "$1"), not $2"
	tail -n 3 "$work/query.err" "$work/server.log" "$work/exporter.log"
	return 1
}

# state TICKS: the file as after so many, and the totals of JSON.
state() {
	"$iommutop" --replay $sessions/guest.rec --prometheus -n "$1" \
		--output "$work/textfile/iommutop.prom" || return 1
	"$iommutop" --replay $sessions/guest.rec --json -n "$1" | tail -n 1 >"$work/json"
}

total() {
	/usr/bin/python3 -c '
import json, sys
print(json.load(open(sys.argv[1]))["totals"][sys.argv[2]])' "$work/json" "$1"
}

totals_are_jsons() {
	soon_is 'iommutop_interval_end_time_seconds == bool '"$(sed -n \
		's/^iommutop_interval_end_time_seconds //p' "$work/textfile/iommutop.prom")" 1
	for figure in maps unmaps map_bytes unmap_bytes; do
		soon_is "sum(iommutop_${figure}_total)" "$(total $figure)"
		soon_is "iommutop_machine_${figure}_total" "$(total $figure)"
	done
	soon_is 'sum(iommutop_faults_total)' "$(total faults)"
	soon_is 'iommutop_machine_faults_total' "$(total faults)"
	soon_is 'node_textfile_scrape_error' 0
}

early_state() {
	state 20
	totals_are_jsons
	soon_is 'iommutop_device_away{device="0000:00:05.0",group="4",vm="vm1"}' 1
	soon_is 'sum(iommutop_maps_total{vm="vm1"}) > bool 0' 1
}

last_state() {
	state 1000
	totals_are_jsons
	soon_is 'count(iommutop_device_away) or vector(0)' 0
	soon_is 'iommutop_devices_back_total' 1
}

rules_are_healthy() {
	soon_is 'sum(prometheus_rule_evaluation_failures_total) or vector(0)' 0
	promtool check rules contrib/prometheus/iommutop.rules.yml
	promtool test rules tests/fixtures/prometheus/alerts.test.yml
}

# What people read in it exists, and the server understands it.
dashboard_is_understood() {
	/usr/bin/python3 - contrib/grafana/iommutop.json >"$work/expressions" <<'PY'
import json, sys
for panel in json.load(open(sys.argv[1]))["panels"]:
    for target in panel["targets"]:
        print(target["expr"].replace("$__rate_interval", "1m").replace("$instance", ".*"))
PY
	[ "$(wc -l <"$work/expressions")" -ge 8 ]
	while read -r expression; do
		echo "$expression"
		promtool query instant "http://127.0.0.1:$server" "$expression"
	done <"$work/expressions"
}

metrics_exist() {
	cat "$work"/*.prom | sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' | sort -u >"$work/names"
	grep -oh 'iommutop_[a-z_]*' contrib/prometheus/*.yml contrib/grafana/*.json | sort -u |
		comm -23 - "$work/names" >"$work/unknown"
	cat "$work/unknown"
	[ ! -s "$work/unknown" ]
}

for session in guest faults domains lab; do
	check "promtool has nothing to say about $session" lint $session --replay $sessions/$session.rec
done
check 'nor about a machine without anything' lint empty --sysfs "$work/textfile" -d 0.1
check 'nor in the middle of a recording' every_few_ticks
check 'alerts and dashboard use metrics that exist' metrics_exist
start_servers
check 'prometheus has the counts of a recording' early_state
check 'and those of its end' last_state
check 'alerts fire when they should' rules_are_healthy
check 'the dashboard is understood' dashboard_is_understood
plan_done
