#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Recordings of trace-cmd of this kernel, and what it, trace-cmd report and perf script print,
# against trace-cmd report.

. tests/vm/lib.sh

tracing=/sys/kernel/tracing
work=/tmp/tracedat
group=iommutop_test

# A file of each name is replayed into a recording of ours: NAME.rec.
convert() {
	rm -f "$2"
	$IOMMUTOP --replay "$1" --record "$2" -b >/dev/null
}

make_probes() {
	local map=__iommu_map

	grep -q ' iommu_map_nosync$' /proc/kallsyms && map=iommu_map_nosync
	{
		echo "p:$group/map $map domain=\$arg1:x64 iova=\$arg2:x64 size=\$arg4:u64 prot=\$arg5:x32"
		echo "p:$group/unmap __iommu_unmap domain=\$arg1:x64 iova=\$arg2:x64 size=\$arg3:u64 type=+0(\$arg1):u32"
	} >>$tracing/dynamic_events
}

remove_probes() {
	echo 0 >$tracing/events/$group/enable
	echo "-:$group/map" >>$tracing/dynamic_events
	echo "-:$group/unmap" >>$tracing/dynamic_events
}

traffic() {
	nvme_read 40
	edu_fault read 0x5678000 || true
	nvme_read 40
}

# record NAME OPTIONS...
record() {
	local name=$1

	shift
	trace-cmd record -e iommu "$@" -o "$work/$name.dat" \
		bash -c '. tests/vm/lib.sh; nvme_read 60; net_up; nvme_read 20' >/dev/null 2>&1
}

# like_report NAME: counts, bytes and bytes of each task.
like_report() {
	trace-cmd report -i "$work/$1.dat" 2>/dev/null |
		tests/vm/recorded.py sums-of-report >"$work/$1.reported"
	convert "$work/$1.dat" "$work/$1.rec"
	tests/vm/recorded.py sums "$work/$1.rec" >"$work/$1.replayed"
	head -n 2 "$work/$1.reported"
	grep -q '^m [1-9]' "$work/$1.reported" && diff "$work/$1.reported" "$work/$1.replayed"
}

recorded_like_report() {
	record "$@" && like_report "$1"
}

# Of a recording with probes every map and unmap has a domain.
all_attributed() {
	[ "$(awk '/^m/ && $7 == 0 || /^u/ && $8 == 0' "$work/$1.rec" | wc -l)" = 0 ]
}

# The buffer of one run, in all ways there are to look at it.
one_run() {
	local instance=$tracing/instances/text

	mkdir -p $instance
	for dir in $tracing $instance; do
		echo 0 >$dir/tracing_on
		echo >$dir/trace
		echo perf >$dir/trace_clock
		echo 1 >$dir/events/iommu/enable
		echo 1 >$dir/events/$group/enable
		echo 1 >$dir/tracing_on
	done
	perf record -q -a -e 'iommu:*' -o $work/perf.data -- \
		bash -c '. tests/vm/lib.sh; nvme_read 40; edu_fault read 0x5678000; nvme_read 40' \
		>/dev/null 2>&1 || traffic
	for dir in $tracing $instance; do
		echo 0 >$dir/tracing_on
		echo 0 >$dir/events/iommu/enable
		echo 0 >$dir/events/$group/enable
	done
	cat $tracing/trace >$work/run.trace
	cat $instance/trace >$work/pipe.trace
	timeout 5 cat $instance/trace_pipe >$work/pipe.pipe
	rmdir $instance
	(cd $work && trace-cmd extract -o run.dat >/dev/null 2>&1)
	trace-cmd report -i $work/run.dat >$work/run.report 2>/dev/null
	trace-cmd report -l -i $work/run.dat >$work/run.latency 2>/dev/null
	trace-cmd report -t -i $work/run.dat >$work/run.ns 2>/dev/null
	convert $work/run.dat $work/run.rec
}

# same_run NAME: as in run.dat.
same_run() {
	convert "$work/run.$1" "$work/run.$1.rec"
	tests/vm/recorded.py same $work/run.rec "$work/run.$1.rec"
}

same_pipe() {
	convert $work/pipe.trace $work/pipe.trace.rec
	$IOMMUTOP --replay - --record $work/pipe.pipe.rec -b <$work/pipe.pipe >/dev/null
	tests/vm/recorded.py same $work/pipe.trace.rec $work/pipe.pipe.rec
}

# Without probes, events of the DMA API say whose a map is: to both.
domains_of() {
	awk '/^m/ { print "m", $5, $7 } /^u/ { print "u", $5, $8 }' "$1"
}

dma_names_the_same() {
	local form

	echo 1 >$tracing/events/iommu/enable
	echo 1 >$tracing/events/dma/enable
	echo >$tracing/trace
	nvme_read 60
	# From 7.2 on the disk's driver goes past the DMA API's events, a card's does not.
	busybox ip link set "$(net_interface)" down
	net_up
	echo 0 >$tracing/events/iommu/enable
	echo 0 >$tracing/events/dma/enable
	cat $tracing/trace >$work/dma.trace
	(cd $work && trace-cmd extract -o dma.dat >/dev/null 2>&1)
	trace-cmd report -l -i $work/dma.dat >$work/dma.latency 2>/dev/null
	for form in dat trace latency; do
		convert $work/dma.$form $work/dma.$form.rec
		domains_of $work/dma.$form.rec >$work/$form.domains
		diff $work/dat.domains $work/$form.domains >$work/differs || {
			head -n 20 $work/differs
			return 1
		}
	done
	cut -d ' ' -f 1,3 $work/dat.domains | sort | uniq -c
	[ "$(grep -cv ' 0$' $work/dat.domains)" -gt 20 ]
}

# Perf has its own buffer: the same events, at times of its own.
same_perf() {
	perf script -i $work/perf.data >$work/run.perf 2>/dev/null
	convert $work/run.perf $work/perf.rec
	tests/vm/recorded.py sums $work/perf.rec >$work/perf.sums
	tests/vm/recorded.py sums $work/run.rec | diff - $work/perf.sums
}

# A copy of the log around it, as in a report of a bug.
with_log() {
	{
		echo 'It looks like this:'
		dmesg | grep DMAR
		cat $work/run.trace
	} >$work/pasted
	$IOMMUTOP --replay $work/pasted -1 --json |
		/usr/bin/python3 -c '
import json, sys
totals = json.load(sys.stdin)["totals"]
assert totals["maps"] > 0 and totals["faults"] > 0, totals'
}

mkdir -p $work
mount --bind /dev/null /proc/kallsyms
check 'trace-cmd record, version 6' recorded_like_report six --file-version 6
check 'trace-cmd record, version 7, zstd' recorded_like_report seven --compression zstd
check 'trace-cmd record, version 7, not packed' recorded_like_report plain --compression none
umount /proc/kallsyms
if [ -d $tracing/events/dma ]; then
	check 'dma events name devices, printed or not' dma_names_the_same
else
	skip 'dma events name devices, printed or not' 'this kernel has none'
fi
check 'probes can be made' make_probes
check 'with probes, version 6' recorded_like_report probed6 --file-version 6 -e $group
check 'every event has a domain' all_attributed probed6
check 'with probes, version 7' recorded_like_report probed7 -e $group
check 'every event has a domain' all_attributed probed7
check 'one run, looked at in all ways' one_run
check 'trace-cmd extract' like_report run
check 'trace is as trace.dat' same_run trace
check 'trace-cmd report is as trace.dat' same_run report
check 'trace-cmd report -l is as trace.dat' same_run latency
check 'trace-cmd report -t is as trace.dat' same_run ns
check 'trace_pipe is as trace' same_pipe
if [ -e $work/perf.data ]; then
	check 'perf script is as trace.dat' same_perf
else
	skip 'perf script is as trace.dat' 'perf does not run here'
fi
if [ "$IOMMU" = vtd ]; then
	check 'a trace with the log around it' with_log
fi
check 'probes are removed' remove_probes
cp $work/*.dat $work/run.* $work/dma.* "$OUT" 2>/dev/null
plan_done
