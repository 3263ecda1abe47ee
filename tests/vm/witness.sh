# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For scripts in the guest, after programs.sh: what the kernel itself counts, in histograms of its
# own, to hold the program's figures against. By domain from two probes of another name than the
# program's, in total from the tracepoints.

witness=$instances/witness

witness_open() {
	local map=__iommu_map

	grep -q ' iommu_map_nosync$' /proc/kallsyms && map=iommu_map_nosync
	echo "p:witness/map $map domain=\$arg1:x64 size=\$arg4:u64" >>$tracing/kprobe_events
	echo "p:witness/unmap __iommu_unmap domain=\$arg1:x64 size=\$arg3:u64" \
		>>$tracing/kprobe_events
	mkdir $witness
	echo 'hist:keys=domain:vals=size' >$witness/events/witness/map/trigger
	echo 'hist:keys=domain:vals=size' >$witness/events/witness/unmap/trigger
	echo 'hist:keys=common_type:vals=size' >$witness/events/iommu/map/trigger
	echo 'hist:keys=common_type:vals=size,unmapped_size' >$witness/events/iommu/unmap/trigger
}

witness_close() {
	local event trigger

	for event in witness/map witness/unmap iommu/map iommu/unmap; do
		trigger=$(grep -v '^#' "$witness/events/$event/trigger")
		echo "!${trigger% \[*}" >>"$witness/events/$event/trigger"
	done
	rmdir $witness
	echo '-:witness/map' >>$tracing/kprobe_events
	echo '-:witness/unmap' >>$tracing/kprobe_events
}

# witness_save TAG: the histograms as they are now, in the form frames.py reads.
witness_save() {
	local event

	for event in witness/map witness/unmap iommu/map iommu/unmap; do
		sed -n "s|^{|$event {|p" "$witness/events/$event/hist" | LC_ALL=C sort
	done >"/tmp/$1.witness"
}

# What the kernel counted, in the words of the metrics.
witness_metrics() {
	witness_save now
	awk '{ for (i = 1; i < NF; i++) value[$1 $i] += $(i + 1) }
		END {
			printf "iommutop_machine_maps_total %d\n", value["iommu/maphitcount:"]
			printf "iommutop_machine_map_bytes_total %d\n", value["iommu/mapsize:"]
			printf "iommutop_machine_unmaps_total %d\n", value["iommu/unmaphitcount:"]
			printf "iommutop_machine_unmap_bytes_total %d\n",
				value["iommu/unmapunmapped_size:"]
		}' /tmp/now.witness
}

witness_is_in() {
	witness_metrics >/tmp/kernel
	[ "$(grep -cxFf /tmp/kernel "$1")" = 4 ]
}

# witness_agrees_with FILE: soon these metrics are the kernel's own counts.
witness_agrees_with() {
	wait_for 60 witness_is_in "$1" && cat /tmp/kernel && return 0
	cat /tmp/kernel
	grep ^iommutop_machine "$1"
	return 1
}

# None of its tables is full.
witness_dropped_none() {
	grep Dropped $witness/events/{witness,iommu}/{map,unmap}/hist
	[ "$(cat $witness/events/{witness,iommu}/{map,unmap}/hist | grep -c 'Dropped: 0')" = 4 ]
}

# quiet TAG NAME...: waits until the kernel counts nothing while each of these programs ends two
# frames; then both sides speak of the same events. TAG names that moment.
quiet() {
	local tag=$1 name

	shift
	for _ in {1..40}; do
		witness_save "$tag"
		for name; do
			frames "$name" 2
			head -n "$(frame_count "$name")" "/tmp/$name" | tail -n 1 >"/tmp/$tag.$name"
		done
		witness_save again
		if cmp -s "/tmp/$tag.witness" /tmp/again.witness; then
			return 0
		fi
	done
	echo "the kernel is never quiet"
	return 1
}

# By the kernel's own count: hits that probes of anybody could not take, another's being handled on
# that CPU.
hits_missed() {
	awk '{ sum += $3 } END { print sum + 0 }' $tracing/kprobe_profile
}

# As if between the two moments NAME had seen what the kernel did: of each domain as many maps and
# unmaps, as many bytes; in total as the tracepoints; nothing else.
agrees() {
	local name=$1 before=$2 after=$3 missed

	json "$name" "witnessed('$before', '$after')" \
		"attributed('$before', '$after', '$name')" \
		"totals_witnessed('$before', '$after') == totals('$before', '$after', '$name')"
	json "$name" \
		"witnessed('$before', '$after') == attributed('$before', '$after', '$name')" && return 0
	# A hit that a probe of either could not take is in no domain's count of that one.
	missed=$(hits_missed)
	echo "hits that probes missed: $missed"
	json "$name" "0 < differing('$before', '$after', '$name') <= $missed"
}
