# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Records tests/fixtures/sessions/guest.rec: disk and network traffic, faults in both directions, a
# network card that goes to a virtual machine and comes back. From the root of the tree:
#
#	IOMMUTOP_VM_MEM=3072 IOMMUTOP_VM_OUT=DIR tests/vm/run 6.1 vtd tests/vm/record_guest.sh
#	cp DIR/guest.rec tests/fixtures/sessions/

. tests/vm/lib.sh

card=0000:00:05.0

rm -f "$OUT/guest.rec"
$IOMMUTOP --json --record "$OUT/guest.rec" >"$OUT/guest.json" &
watcher=$!
sleep 4
net_up
nvme_read 30
busybox ping -c 3 10.0.2.2 >/dev/null 2>&1 || true
edu_fault read 0x5678000
bind_driver $card vfio-pci
start_guest $card vm1
nvme_read 20
edu_fault write 0x9abc000
sleep 6
nvme_read 40
stop_guest
sleep 1
bind_driver $card e1000e
nvme_read 20
sleep 8
kill -TERM "$watcher"
wait "$watcher" || true
