#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In the guest of tests/bench/run: measures and prints its tables. Start-up is never measured.
# All times are those of the guest, where an instruction takes 2 ns.

set -euo pipefail
# shellcheck source=../vm/lib.sh
. tests/vm/lib.sh

tracing=/sys/kernel/tracing
counter=$tracing/instances/counter	# how many maps and unmaps there were
pipe=$tracing/instances/pipe		# for cat
burst=100				# reads every 100 ms: no tool's buffer overflows
bursts=30
window_s=5
slow_reads=5000

# read_disk COUNT: so many reads of 64 KiB from the disk that answers at once.
read_disk() {
	dd if="$disk" of=/dev/null bs=64k count="$1" iflag=direct status=none
}

now_ns() {
	date +%s%N
}

# ---- what is measured ----

run_counts() {
	exec $IOMMUTOP -b -d 1 --collect counts >/dev/null
}

run_events() {
	exec $IOMMUTOP -b -d 1 --collect events >/dev/null
}

run_cat() {
	mkdir -p $pipe
	echo 1 >$pipe/events/iommu/map/enable
	echo 1 >$pipe/events/iommu/unmap/enable
	exec cat $pipe/trace_pipe >/dev/null
}

run_stream() {
	exec trace-cmd stream -e iommu:map -e iommu:unmap >/dev/null 2>&1
}

run_record() {
	exec trace-cmd record -q -e iommu:map -e iommu:unmap -o /tmp/bench.dat >/dev/null 2>&1
}

run_perf() {
	exec perf trace --no-syscalls -a -e iommu:map,iommu:unmap -o /dev/null >/dev/null 2>&1
}

run_bpftrace() {
	exec bpftrace -e '
		tracepoint:iommu:map {
			printf("%d map %llx %llx %lu\n", pid, args->iova, args->paddr, args->size);
		}
		tracepoint:iommu:unmap {
			printf("%d unmap %llx %lu %lu\n", pid, args->iova, args->size,
				args->unmapped_size);
		}' >/dev/null 2>/tmp/bpftrace.err
}

title() {
	case $1 in
	nothing) echo 'nothing' ;;
	counts) echo 'iommutop, counts' ;;
	events) echo 'iommutop, events' ;;
	cat) echo 'cat trace_pipe' ;;
	stream) echo 'trace-cmd stream' ;;
	record) echo 'trace-cmd record' ;;
	perf) echo 'perf trace' ;;
	bpftrace) echo 'bpftrace printf' ;;
	esac
}

tool_of() {
	case $1 in
	nothing | counts | events | cat) ;;
	stream | record) echo trace-cmd ;;
	*) echo "$1" ;;
	esac
}

# ---- measuring ----

# tree PID: it and all that descend from it.
tree() {
	local child

	echo "$1"
	for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
		tree "$child"
	done
}

# cpu_ns: processor time of what is measured, all its processes and threads.
cpu_ns() {
	local pid

	for pid in $(tree "$subject"); do
		cat /proc/"$pid"/task/*/schedstat 2>/dev/null
	done | awk '{ sum += $1 } END { printf "%.0f\n", sum }'
}

# In clock ticks: by programs, by the kernel for them.
user_and_kernel() {
	local pid

	for pid in $(tree "$subject"); do
		sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null
	done | awk '{ user += $12; kernel += $13 } END { print user, kernel }'
}

# Until it works less than a twentieth of the time: ready, or through with what there was.
settle() {
	local before after tries

	before=$(cpu_ns)
	for ((tries = 0; tries < 120; tries++)); do
		sleep 0.5
		after=$(cpu_ns)
		if [ $((after - before)) -lt 25000000 ]; then
			return 0
		fi
		before=$after
	done
	return 1
}

alive() {
	grep -q '^State:[[:space:]]*[^ZX]' "/proc/$subject/status" 2>/dev/null
}

# begin NAME: returns 1, with the reason in $why, when it does not run here.
begin() {
	local tool

	why=
	subject=
	tool=$(tool_of "$1")
	if [ "$1" = nothing ]; then
		return 0
	fi
	if [ -n "$tool" ] && ! command -v "$tool" >/dev/null; then
		why="$tool is not installed"
		return 1
	fi
	("run_$1") &
	subject=$!
	sleep 1
	settle || why='never at rest'
	alive || why='ended by itself'
	[ -z "$why" ]
}

end() {
	local tries

	if [ -n "$subject" ]; then
		kill -INT "$subject" 2>/dev/null || true
		[ "$1" != cat ] || kill -TERM "$subject"
		for ((tries = 0; tries < 100; tries++)); do
			alive || break
			sleep 0.2
		done
		kill -KILL "$subject" 2>/dev/null || true
		wait "$subject" 2>/dev/null || true
	fi
	[ "$1" != cat ] || rmdir $pipe
	rm -f /tmp/bench.dat*
	echo 1 >$tracing/tracing_on # trace-cmd leaves it off
}

events() {
	awk '/Hits:/ { sum += $2 } END { printf "%.0f\n", sum }' $counter/events/iommu/{map,unmap}/hist
}

# part NUMERATOR DENOMINATOR [FORMAT]
part() {
	awk -v a="$1" -v b="$2" -v format="${3:-%.1f}" 'BEGIN { printf format, a / b }'
}

# ---- traffic ----

# every_100_ms COUNT TIMES: so many reads each, in time as long as the reads leave time.
every_100_ms() {
	local next=${EPOCHREALTIME/./} rest i

	for ((i = 0; i < $2; i++)); do
		read_disk "$1"
		next=$((next + 100000))
		rest=$((next - ${EPOCHREALTIME/./}))
		[ $rest -lt 1000 ] || sleep "0.$(printf %06d $rest)"
	done
}

no_traffic() {
	sleep 1000
}

# A tenth of the rate that full traffic reaches.
tenth_traffic() {
	every_100_ms "$tenth" 1000
}

full_traffic() {
	while :; do
		read_disk 2000
	done
}

# ---- counts: what a tick costs at each rate ----

# watch TRAFFIC: a row; leaves its rate and cost in $rate and $tick_ns.
watch() {
	local loop c0 c1 e0 e1 t0 t1 calls

	"$1_traffic" &
	loop=$!
	sleep 2
	c0=$(cpu_ns) e0=$(events) t0=$(now_ns)
	sleep $window_s
	c1=$(cpu_ns) e1=$(events) t1=$(now_ns)
	calls=$(syscalls)
	kill $loop
	wait $loop 2>/dev/null || true
	rate=$(part $((e1 - e0)) $((t1 - t0))e-9 %.0f)
	tick_ns=$(part $((c1 - c0)) $((t1 - t0))e-9 %.0f)
	printf '%-18s %12s %14s %14s %12s\n' "$1" "$rate" "$(part "$tick_ns" 1000)" \
		"$(part "$tick_ns" 2000)" "$calls"
}

# Of a second, by all its threads.
syscalls() {
	local trigger='hist:keys=common_pid' file=$counter/events/raw_syscalls/sys_enter
	local tasks

	echo "$trigger" >$file/trigger
	sleep 4
	tasks=$(for pid in $(tree "$subject"); do ls "/proc/$pid/task"; done)
	awk -v tasks="${tasks//$'\n'/ }" '
		BEGIN { n = split(tasks, list, " "); for (i = 1; i <= n; i++) mine[list[i]] = 1 }
		/common_pid/ && mine[$3] { sum += $NF }
		END { printf "%.1f", sum / 4 }' $file/hist
	echo "!$trigger" >$file/trigger
}

# How many reads every 100 ms are a tenth of what this machine can do, unwatched.
measure_tenth() {
	local t0

	read_disk 500
	t0=$(now_ns)
	read_disk 4000
	tenth=$(part 4000e7 $(($(now_ns) - t0)) %.0f)
}

table_of_rates() {
	local name tenth full low

	measure_tenth
	for name in counts events; do
		printf '\n%s: what a tick of 1 s takes\n' "$(title $name)"
		printf '%-18s %12s %14s %14s %12s\n' traffic events/s us/tick 'k instr/tick' calls/tick
		if ! begin $name; then
			printf '%s\n' "$why"
			end $name
			continue
		fi
		watch no
		watch tenth
		low=$tick_ns full=$rate
		watch full
		end $name
		printf '%s times the events, %s times the processor time\n' "$(part "$rate" "$full")" \
			"$(part "$tick_ns" "$low")"
	done
}

# ---- each tool: what an event costs ----

# As long as memory lies in large pieces a reader's buffer is one, and its reads make fewer maps; and
# what a tool does for a read or a task is shared by fewer events.
warm_up() {
	begin record && every_100_ms $burst $bursts
	end record
}

# What it takes when nothing happens is measured by itself, and is not the events' share. Nor is what
# it takes for the first of them, when it touches its memory for the first time: that is start-up.
table_of_tools() {
	local name c0 c1 e0 e1 t0 t1 u0 u1 k0 k1 idle each first=

	warm_up
	printf '\nAn event: processor time of the tool in paced traffic, less what it takes at rest\n'
	printf '%-18s %12s %12s %12s %10s %10s %12s\n' tool events ns/event instr/event 'in kernel' \
		ratio 'rest us/s'
	for name in events record cat stream perf bpftrace; do
		if begin $name; then
			every_100_ms $burst $((bursts / 2))
			settle || true
			c0=$(cpu_ns) t0=$(now_ns)
			sleep $window_s
			idle=$(part $(($(cpu_ns) - c0)) $(($(now_ns) - t0))e-9 %.0f)
			c0=$(cpu_ns) e0=$(events) t0=$(now_ns)
			read -r u0 k0 < <(user_and_kernel)
			every_100_ms $burst $bursts
			settle || true
			c1=$(cpu_ns) e1=$(events) t1=$(now_ns)
			read -r u1 k1 < <(user_and_kernel)
			each=$(awk -v cpu=$((c1 - c0)) -v ns=$((t1 - t0)) -v idle="$idle" \
				-v events=$((e1 - e0)) \
				'BEGIN { printf "%.1f", (cpu - idle * ns / 1e9) / events }')
			first=${first:-$each}
			printf '%-18s %12d %12s %12s %9s%% %10s %12s\n' "$(title $name)" $((e1 - e0)) \
				"$each" "$(part "$each" 2)" \
				"$(part $((100 * (k1 - k0))) $((u1 - u0 + k1 - k0 + 1)) %.0f)" \
				"$(part "$each" "$first" %.2f)" "$(part "$idle" 1000)"
		else
			printf '%-18s %s\n' "$(title $name)" "$why"
		fi
		end $name
	done
}

# ---- the workload: how much slower it becomes ----

table_of_slowdown() {
	local names=(nothing counts events record bpftrace) name round t0 base median
	local -A times reasons

	for round in 0 1 2; do
		for name in "${names[@]:round}" "${names[@]:0:round}"; do
			if begin "$name"; then
				t0=$(now_ns)
				read_disk $slow_reads
				times[$name]+="$(($(now_ns) - t0)) "
			else
				reasons[$name]=$why
			fi
			end "$name"
		done
	done
	printf '\nThe workload: %d reads of 64 KiB, median of 3\n' $slow_reads
	printf '%-18s %12s %12s   %s\n' 'watched by' ms slowdown 'all three (ms)'
	for name in "${names[@]}"; do
		if [ -n "${reasons[$name]:-}" ]; then
			printf '%-18s %s\n' "$(title "$name")" "${reasons[$name]}"
			continue
		fi
		median=$(tr ' ' '\n' <<<"${times[$name]}" | grep . | sort -n | sed -n 2p)
		base=${base:-$median}
		printf '%-18s %12s %12s  ' "$(title "$name")" "$(part "$median" 1e6)" \
			"$(part "$median" "$base" %.2f)"
		for t0 in ${times[$name]}; do
			printf ' %s' "$(part "$t0" 1e6)"
		done
		printf '\n'
	done
}

disk=/dev/$(basename /sys/bus/pci/devices/0000:00:06.0/nvme/nvme*/nvme*n1)
mkdir $counter
echo 'hist:keys=common_type' >$counter/events/iommu/map/trigger
echo 'hist:keys=common_type' >$counter/events/iommu/unmap/trigger
printf '%s, one processor, time counted in instructions of 2 ns\n' "$(uname -r)"
for table in ${*:-rates tools slowdown}; do
	"table_of_$table"
done
