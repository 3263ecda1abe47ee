#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# contrib's unit under a real systemd, which is the first process of a pid namespace with a small
# root of its own: that the program can do its work with all that the unit takes from it.
#
#	tests/vm/run 6.1 vtd tests/vm/unit.sh
#
# shellcheck disable=SC2317 # check calls the functions

set -euo pipefail
# shellcheck source=lib.sh
. tests/vm/lib.sh
# shellcheck source=programs.sh
. tests/vm/programs.sh
# shellcheck source=witness.sh
. tests/vm/witness.sh

unit=iommutop-prometheus.service
root=/tmp/machine
metrics=$root/var/lib/prometheus/node-exporter/iommutop.prom
record=/tmp/iommutop.rec # in the unit's own
init=

if [ "$IOMMU" = none ]; then
	skip 'the unit runs under systemd' 'this machine has no IOMMU'
	plan_done
fi
if [ ! -x /lib/systemd/systemd ] || ! command -v systemd-analyze >/dev/null; then
	skip 'the unit runs under systemd' 'systemd is not installed here'
	plan_done
fi

# ---- a machine ----

# Debian's programs, the program under test where an administrator would put it, and of the
# configuration what systemd cannot do without.
make_root() {
	local link

	mkdir -p $root
	mount -t tmpfs -o mode=755 machine $root
	mkdir -p $root/{usr,proc,sys,dev,run,tmp,root,home,old,etc/systemd/system,var/log,var/tmp} \
		$root/var/lib/prometheus/node-exporter
	for link in /bin /sbin /lib*; do
		if [ -L "$link" ]; then
			cp -P "$link" $root/
		elif [ -d "$link" ]; then
			mkdir "$root$link"
			mount --bind "$link" "$root$link"
		fi
	done
	mount --bind /usr $root/usr
	mount -t tmpfs -o mode=755 local $root/usr/local
	mkdir $root/usr/local/sbin
	cp "$IOMMUTOP" $root/usr/local/sbin/iommutop
	ln -s /run $root/var/run
	cp /etc/passwd /etc/group /etc/ld.so.cache $root/etc/
	echo 'passwd: files' >$root/etc/nsswitch.conf
	tr -d - </proc/sys/kernel/random/uuid >$root/etc/machine-id
	mount --rbind /sys $root/sys
	mount --rbind /dev $root/dev
	mount -t cgroup2 cgroup2 $root/sys/fs/cgroup
}

# Only what the unit stands on: no other service is to touch this machine's devices.
make_units() {
	local etc=$root/etc/systemd/system wanted

	for wanted in /lib/systemd/system/{sysinit,sockets,timers,local-fs,basic}.target.wants/*; do
		ln -sf /dev/null "$etc/$(basename "$wanted")"
	done
	ln -sf /dev/null $etc/systemd-remount-fs.service
	ln -sf /lib/systemd/system/basic.target $etc/default.target
	cp contrib/$unit $etc/
	# How fast it is, what a build with sanitizers asks for, which is no ptrace of its own, and a
	# recording, which has the reasons.
	mkdir $etc/$unit.d
	cat >$etc/$unit.d/test.conf <<-EOF
		[Service]
		ExecStartPre=/bin/rm -f $record
		ExecStart=
		$(sed -n "s|^\(ExecStart=.*\)--delay [^ ]*|\1--delay 0.5 --record $record|p" contrib/$unit)
		StandardError=append:/var/log/iommutop.err
		Environment=ASAN_OPTIONS=detect_leaks=0
		RestartSec=1
	EOF
}

start_systemd() {
	# shellcheck disable=SC2016 # for the inner shell
	unshare --pid --fork --mount --uts --ipc --kill-child bash -c '
		mount --make-rprivate / && cd "$1" && pivot_root . old && cd / &&
		mount -t proc proc /proc && umount -l /old && mount -t tmpfs run /run &&
		exec /lib/systemd/systemd --log-target=kmsg --log-level=notice' - $root </dev/null \
		>/tmp/systemd.log 2>&1 &
	init=$!
	trap 'kill -9 $init' EXIT
}

first_process() {
	pgrep -P "$init" | head -n 1
}

# In systemd's own namespaces.
inside() {
	nsenter -t "$(first_process)" -m -p -u -i -r -w "$@"
}

systemd_runs() {
	wait_for 60 inside systemctl is-active basic.target && return 0
	cat /tmp/systemd.log
	dmesg | grep systemd | tail -n 30
	return 1
}

# ---- the service ----

# The end of it is what a failed check shows.
told() {
	inside systemctl status --no-pager $unit || true
	cat $root/var/log/iommutop.err
	dmesg | grep -E 'systemd|iommutop|audit' | tail -n 20 || true
	grep -E '^iommutop_(source|collect|machine)' $metrics || true
	grep -h '^[HM]' $root/tmp/systemd-private-*$record || true
}

property() {
	inside systemctl show --value -p "$1" $unit
}

# The service's own process, as this side of the namespace has it.
service_pid() {
	pgrep -P "$(first_process)" -x iommutop
}

# The man page that it names is not installed here.
verified() {
	inside systemd-analyze verify --man=no $unit
}

# 10.0, here 100, is no protection at all.
exposure() {
	inside systemd-analyze security --no-pager --threshold=30 $unit >/tmp/security || {
		cat /tmp/security
		return 1
	}
}

it_starts() {
	inside systemctl start $unit
	wait_for 120 [ -s $metrics ] || { told; return 1; }
	[ "$(property ActiveState)" = active ] && [ "$(property NRestarts)" = 0 ]
}

may_do_no_more() {
	local status path

	status=/proc/$(service_pid)/status
	cat "$status"
	grep -q '^NoNewPrivs:	1' "$status"
	grep -q '^Seccomp:	2' "$status"
	grep -q '^CapEff:	0000000400080004' "$status"
	for path in /etc/x /usr/local/x /var/lib/x /proc/sys/vm/swappiness \
		/sys/bus/pci/drivers_autoprobe; do
		not nsenter -t "$(service_pid)" -m -r -w sh -c "echo 1 >$path"
	done
}

soon_has() {
	wait_for 60 grep -qxF "$1" $metrics || { told; return 1; }
}

has() {
	grep -qxF "$1" $metrics || { told; return 1; }
}

# Each source has said how it does: until then it is starting, and the last is still to come.
all_have_started() {
	local text

	text=$(<$metrics)
	[[ $text = *'source_state{source="owners"}'* ]] &&
		not grep -q '^iommutop_source_state{.*} 1$' <<<"$text"
}

# How long the first walk takes is the machine's business, which may be busy: that ends with the walk,
# the service or the run. What is said then counts.
all_sources_do_well() {
	local source

	until all_have_started; do
		[ "$(property ActiveState) $(property NRestarts)" = 'active 0' ] || { told; return 1; }
		sleep 0.5
	done
	for source in sysfs trace log probes owners; do
		has "iommutop_source_state{source=\"$source\"} 3"
	done
	has 'iommutop_collect_info{mode="counts"} 1'
}

# What the disk read, and what the log told of another device.
metrics_are_right() {
	witness_agrees_with $metrics
	[ "$(sed -n 's/^iommutop_machine_map_bytes_total //p' $metrics)" -ge $((200 * 65536)) ]
	if [ "$IOMMU" = vtd ]; then
		edu_fault read 0x5678000
		wait_for 60 grep '^iommutop_faults_total{.*device="0000:00:03.0"' $metrics
	fi
}

file_is_for_all_to_read() {
	stat -c '%a %U' $metrics
	[ "$(stat -c '%a %U' $metrics)" = '644 root' ]
	[ "$(find "$(dirname $metrics)" -type f | wc -l)" = 1 ]
}

newer() {
	[ "$(stat -c %Y.%i $metrics)" != "$1" ]
}

it_goes_on_when_reloaded() {
	local before pid

	pid=$(property MainPID)
	before=$(stat -c %Y.%i $metrics)
	inside systemctl reload $unit
	wait_for 60 newer "$before"
	[ "$(property MainPID)" = "$pid" ] && [ "$(property ActiveState)" = active ]
}

restarted() {
	[ "$(property NRestarts)" = 1 ] && [ "$(property ActiveState)" = active ]
}

# What it could not take away itself, the next one does.
it_comes_back_when_killed() {
	local pid

	pid=$(property MainPID)
	kill -9 "$(service_pid)"
	wait_for 60 restarted
	[ "$(property MainPID)" != "$pid" ]
	soon_has 'iommutop_source_state{source="probes"} 3'
	ls $instances
	[ "$(find $instances -maxdepth 1 -name 'iommutop*' | wc -l)" = 1 ]
}

it_stops() {
	inside systemctl stop $unit
	property Result
	[ "$(property ActiveState) $(property Result)" = 'inactive success' ] || { told; return 1; }
}

nothing_is_left() {
	ls $instances
	[ "$(find $instances -maxdepth 1 -name 'iommutop*' | wc -l)" = 0 ]
	cat $tracing/dynamic_events
	not grep iommutop $tracing/dynamic_events
	[ ! -e $metrics ]
}

make_root
make_units
start_systemd
check 'systemd starts' systemd_runs
check 'systemd finds no fault with the unit' verified
check 'systemd calls its exposure low' exposure
if [ -s /tmp/security ]; then
	printf '# %s\n' "$(tail -n 1 /tmp/security | LC_ALL=C tr -cd ' -~')"
fi
witness_open
check 'it starts' it_starts
check 'it may do what the unit says and no more' may_do_no_more
check 'all sources do well' all_sources_do_well
nvme_read 200
check 'its metrics are right' metrics_are_right
check 'everybody may read the file' file_is_for_all_to_read
check 'it goes on when it is reloaded' it_goes_on_when_reloaded
check 'it comes back when it was killed' it_comes_back_when_killed
check 'it stops' it_stops
check 'nothing is left' nothing_is_left
witness_close
plan_done
