/**
 * Kernel reports, invented: real formats, made-up functions. First line of each: kind and crash
 * function, as the key should read them. Then the report, where
 *   `@ name file`   is a frame, `@i name file` one that only decoded logs have, `@? name` an unreliable one,
 *   {A} {O} {P} {C} {S} {N} stand for an address, an offset, a pid, a cpu, a syscall's frames, a number.
 */
export const KERNEL_REPORTS: readonly string[] = String.raw`
KASAN: slab-use-after-free Read | ring_flush
==================================================================
BUG: KASAN: slab-use-after-free in ring_flush{O} drivers/net/ring.c:214
Read of size 8 at addr {A} by task syz.0.17/{P}

CPU: {C} UID: 0 PID: {P} Comm: syz.0.17 Not tainted {V}
Hardware name: QEMU Standard PC
Call Trace:
 <TASK>
@i __dump_stack lib/dump_stack.c
@ dump_stack_lvl lib/dump_stack.c
@i print_address_description mm/kasan/report.c
@ print_report mm/kasan/report.c
@ kasan_report mm/kasan/report.c
@? ring_lookup
@ ring_flush drivers/net/ring.c
@ ring_close drivers/net/ring.c
{S}
 </TASK>

Allocated by task {P}:
@ kasan_save_stack mm/kasan/common.c
@ ring_new drivers/net/ring.c

Freed by task {P}:
@ kfree mm/slub.c
@ ring_put drivers/net/ring.c
===
KASAN: slab-out-of-bounds Write | chan_fill
BUG: KASAN: slab-out-of-bounds in memcpy include/linux/string.h:377 [inline]
BUG: KASAN: slab-out-of-bounds in chan_fill{O} net/chan.c:90
Write of size 60 at addr {A} by task kworker/u4:3/{P}
CPU: {C} PID: {P} Comm: kworker/u4:3 Tainted: G        W {V}
Call Trace:
@ dump_stack_lvl lib/dump_stack.c
@ print_report mm/kasan/report.c
@ kasan_report mm/kasan/report.c
@ kasan_check_range mm/kasan/generic.c
@ memcpy mm/kasan/shadow.c
@i memcpy include/linux/string.h
@ chan_fill net/chan.c
@ chan_work net/chan.c
@ process_one_work kernel/workqueue.c
@ worker_thread kernel/workqueue.c
===
KASAN: use-after-free Write | node_unlink
BUG: KASAN: use-after-free in __list_del_entry_valid{O} lib/list_debug.c:51
Write of size 8 at addr {A} by task syz-executor/{P}
CPU: {C} PID: {P} Comm: syz-executor Not tainted {V}
Call Trace:
@ dump_stack lib/dump_stack.c
@ print_address_description.constprop.0.cold mm/kasan/report.c
@ kasan_report mm/kasan/report.c
@ __list_del_entry_valid lib/list_debug.c
@i __list_del_entry include/linux/list.h
@i list_del include/linux/list.h
@ node_unlink fs/node.c
@ node_evict fs/node.c
{S}
===
KASAN: null-ptr-deref Write | peer_put
BUG: KASAN: null-ptr-deref in instrument_atomic_read_write include/linux/instrumented.h:96 [inline]
BUG: KASAN: null-ptr-deref in atomic_fetch_sub_release include/linux/atomic/atomic-instrumented.h:400 [inline]
BUG: KASAN: null-ptr-deref in peer_put{O} net/peer.c:61
Write of size 4 at addr 0000000000000050 by task syz.1.2/{P}
CPU: {C} PID: {P} Comm: syz.1.2 Not tainted {V}
Call Trace:
 <TASK>
@ dump_stack_lvl lib/dump_stack.c
@ kasan_report mm/kasan/report.c
@i check_region_inline mm/kasan/generic.c
@ kasan_check_range mm/kasan/generic.c
@i instrument_atomic_read_write include/linux/instrumented.h
@i atomic_fetch_sub_release include/linux/atomic/atomic-instrumented.h
@i __refcount_sub_and_test include/linux/refcount.h
@i kref_put include/linux/kref.h
@ peer_put net/peer.c
@ peer_drop net/peer.c
{S}
===
KASAN: double-free | pack_free
BUG: KASAN: double-free in kfree{O} mm/slub.c:4500
Free of addr {A} by task syz.3.4/{P}
CPU: {C} PID: {P} Comm: syz.3.4 Not tainted {V}
Call Trace:
@ dump_stack_lvl lib/dump_stack.c
@ print_report mm/kasan/report.c
@ kasan_report_invalid_free mm/kasan/report.c
@ __kasan_slab_free mm/kasan/common.c
@i slab_free_hook mm/slub.c
@ kfree mm/slub.c
@ pack_free sound/pack.c
@ pack_close sound/pack.c
{S}
===
KASAN: slab-use-after-free Read | remove_wait_queue
BUG: KASAN: slab-use-after-free in __lock_acquire{O} kernel/locking/lockdep.c:5004
Read of size 8 at addr {A} by task syz.0.9/{P}
CPU: {C} PID: {P} Comm: syz.0.9 Not tainted {V}
Call Trace:
@ dump_stack_lvl lib/dump_stack.c
@ kasan_report mm/kasan/report.c
@ __lock_acquire kernel/locking/lockdep.c
@i lock_acquire.part.0 kernel/locking/lockdep.c
@ lock_acquire kernel/locking/lockdep.c
@i __raw_spin_lock_irqsave include/linux/spinlock_api_smp.h
@ _raw_spin_lock_irqsave kernel/locking/spinlock.c
@ remove_wait_queue kernel/sched/wait.c
@ mesh_poll net/mesh.c
{S}
===
KASAN: stack-out-of-bounds Read | unpack_key
BUG: KASAN: stack-out-of-bounds in unpack_key.isra.0{O} at addr {A}
Read of size 4 by task syz-executor{N}/{P}
CPU: {C} PID: {P} Comm: syz-executor{N} Not tainted {V}
Call Trace:
 [<{A}>] dump_stack{O}
 [<{A}>] kasan_report_error{O}
 [<{A}>] __asan_report_load4_noabort{O}
 [<{A}>] unpack_key.isra.0{O}
 [<{A}>] ? key_hash{O}
 [<{A}>] key_add{O}
 [<{A}>] entry_SYSCALL_64_fastpath{O}
===
general protection fault | tree_walk
Oops: general protection fault, probably for non-canonical address 0xdffffc000000000{N}: 0000 [#1] SMP KASAN PTI
KASAN: null-ptr-deref in range [0x0000000000000018-0x000000000000001f]
CPU: {C} UID: 0 PID: {P} Comm: kworker/0:1 Not tainted {V}
RIP: 0010:tree_walk{O} fs/tree.c:90
Code: 00 00 48 89 c7 <80> 3c 02 00
RSP: 0018:ffffc90000f7fa28 EFLAGS: 00010202
Call Trace:
 <TASK>
@ tree_free fs/tree.c
{S}
 </TASK>
Modules linked in:
---[ end trace 0000000000000000 ]---
RIP: 0010:tree_walk{O} fs/tree.c:90
===
general protection fault | cell_attach
general protection fault: 0000 [#1] PREEMPT SMP KASAN
CPU: {C} PID: {P} Comm: syz-executor.{N} Not tainted {V}
RIP: 0010:__lock_acquire{O} kernel/locking/lockdep.c:3822
Call Trace:
@ lock_acquire kernel/locking/lockdep.c
@i __mutex_lock_common kernel/locking/mutex.c
@ __mutex_lock kernel/locking/mutex.c
@ mutex_lock_nested kernel/locking/mutex.c
@ cell_attach drivers/cell.c
{S}
===
general protection fault | label_len
general protection fault, probably for non-canonical address 0xdffffc0000000000: 0000 [#1] PREEMPT SMP
CPU: {C} PID: {P} Comm: syz Not tainted {V}
RIP: 0010:strlen{O} lib/string.c:481
Call Trace:
@i __fortify_strlen include/linux/fortify-string.h
@ label_len security/label.c
@ label_show security/label.c
{S}
===
NULL pointer dereference | hook_call
BUG: kernel NULL pointer dereference, address: 0000000000000000
#PF: supervisor instruction fetch in kernel mode
#PF: error_code(0x0010) - not-present page
PGD {N}067 P4D {N}067 PUD 0 
Oops: 0010 [#1] PREEMPT SMP KASAN
CPU: {C} PID: {P} Comm: syz.0.1 Not tainted {V}
RIP: 0010:0x0
Code: Unable to access opcode bytes at 0xffffffffffffffd6.
Call Trace:
 <TASK>
@ hook_call net/hook.c
{S}
===
paging request | page_pack
BUG: unable to handle page fault for address: {A}
#PF: supervisor write access in kernel mode
#PF: error_code(0x0002) - not-present page
Oops: 0002 [#1] PREEMPT SMP KASAN
CPU: {C} PID: {P} Comm: syz.0.1 Not tainted {V}
RIP: 0010:memset_erms{O} arch/x86/lib/memset_64.S:64
Call Trace:
@ page_pack fs/pack.c
@ page_write fs/pack.c
{S}
===
paging request | slot_map
Unable to handle kernel paging request at virtual address {A}
KASAN: maybe wild-memory-access in range [0xdead-0xdead]
Mem abort info:
  ESR = 0x0000000096000004
  EC = 0x25: DABT (current EL), IL = 32 bits
Internal error: Oops: 0000000096000004 [#1] PREEMPT SMP
Modules linked in:
CPU: {C} PID: {P} Comm: syz Not tainted {V}
pstate: 604000c5 (nZCv daIF +PAN -UAO -TCO -DIT -SSBS BTYPE=--)
pc : slot_map{O} drivers/slot.c:33
lr : slot_add{O} drivers/slot.c:50
sp : ffff80008f5b7a20
Call trace:
@ slot_map drivers/slot.c
@ slot_add drivers/slot.c
 __arm64_sys_ioctl{O} fs/ioctl.c:800
 el0t_64_sync{O} arch/arm64/kernel/entry.S:500
===
paging request | tail_drop
Unable to handle kernel paging request at virtual address {A}
Oops [#1]
Modules linked in:
CPU: {C} PID: {P} Comm: syz Not tainted {V}
Hardware name: riscv-virtio,qemu (DT)
epc : tail_drop{O} net/tail.c:9
 ra : tail_add{O} net/tail.c:20
epc : {A} ra : {A} sp : {A}
[<{A}>] tail_drop{O} net/tail.c:9
[<{A}>] tail_add{O} net/tail.c:20
===
WARNING | link_set
------------[ cut here ]------------
WARNING: CPU: {C} PID: {P} at net/core/link.c:33 link_set{O} net/core/link.c:33
Modules linked in:
CPU: {C} PID: {P} Comm: syz Not tainted {V}
RIP: 0010:link_set{O} net/core/link.c:33
Call Trace:
 <TASK>
@i __warn_entry kernel/panic.c
@ link_up net/core/link.c
{S}
===
WARNING | buf_grow
------------[ cut here ]------------
WARNING: CPU: {C} PID: {P} at mm/page_alloc.c:4702 __alloc_pages_noprof{O} mm/page_alloc.c:4702
CPU: {C} PID: {P} Comm: syz Not tainted {V}
RIP: 0010:__alloc_pages_noprof{O} mm/page_alloc.c:4702
Call Trace:
@ __kmalloc_large_node mm/slub.c
@i __do_kmalloc_node mm/slub.c
@ __kmalloc_noprof mm/slub.c
@i kmalloc_noprof include/linux/slab.h
@ buf_grow drivers/buf.c
@ buf_ioctl drivers/buf.c
{S}
===
refcount bug | sess_put
------------[ cut here ]------------
refcount_t: underflow; use-after-free.
WARNING: CPU: {C} PID: {P} at lib/refcount.c:28 refcount_warn_saturate{O} lib/refcount.c:28
Modules linked in:
RIP: 0010:refcount_warn_saturate{O} lib/refcount.c:28
Call Trace:
 <TASK>
@i __refcount_sub_and_test include/linux/refcount.h
@i refcount_dec_and_test include/linux/refcount.h
@ sess_put net/sess.c
{S}
===
ODEBUG bug | timer_rig_free
------------[ cut here ]------------
ODEBUG: free active (active state 0) object: {A} object type: timer_list hint: rig_expire+0x0/0x20
WARNING: CPU: {C} PID: {P} at lib/debugobjects.c:518 debug_print_object{O} lib/debugobjects.c:515
RIP: 0010:debug_print_object{O} lib/debugobjects.c:515
Call Trace:
@i __debug_check_no_obj_freed lib/debugobjects.c
@ debug_check_no_obj_freed lib/debugobjects.c
@i slab_free_hook mm/slub.c
@ kfree mm/slub.c
@ timer_rig_free drivers/rig.c
{S}
===
kernel BUG | inode_fill
------------[ cut here ]------------
kernel BUG at fs/fill.c:1{N}!
Oops: invalid opcode: 0000 [#1] PREEMPT SMP KASAN
CPU: {C} PID: {P} Comm: syz Not tainted {V}
RIP: 0010:inode_fill{O} fs/fill.c:120
Call Trace:
@ inode_get fs/fill.c
{S}
===
kernel BUG | frag_push
skbuff: skb_over_panic: text:{A} len:{N} put:60 head:{A} data:{A} tail:0x1c end:0x10 dev:lo
------------[ cut here ]------------
kernel BUG at net/core/skbuff.c:104!
invalid opcode: 0000 [#1] PREEMPT SMP KASAN
RIP: 0010:skb_panic{O} net/core/skbuff.c:104
Call Trace:
@i skb_over_panic net/core/skbuff.c
@ skb_put.cold net/core/skbuff.c
@ frag_push net/frag.c
{S}
===
corrupted list | dock_leave
list_del corruption. next->prev should be {A}, but was {A}. (next={A})
------------[ cut here ]------------
kernel BUG at lib/list_debug.c:65!
Oops: invalid opcode: 0000 [#1] SMP KASAN
RIP: 0010:__list_del_entry_valid_or_report{O} lib/list_debug.c:65
Call Trace:
@i __list_del_entry_valid include/linux/list.h
@i list_del_init include/linux/list.h
@ dock_leave drivers/dock.c
{S}
===
UBSAN: array-index-out-of-bounds | map_slot
------------[ cut here ]------------
UBSAN: array-index-out-of-bounds in fs/map.c:71:9
index {N} is out of range for type 's8[16]'
CPU: {C} PID: {P} Comm: syz Not tainted {V}
Call Trace:
@ dump_stack_lvl lib/dump_stack.c
@i ubsan_epilogue lib/ubsan.c
@ __ubsan_handle_out_of_bounds lib/ubsan.c
@ map_slot fs/map.c
{S}
===
UBSAN: shift-out-of-bounds | rate_scale
================================================================================
UBSAN: shift-out-of-bounds in net/sched/rate.c:88:12
shift exponent {N} is too large for 32-bit type 'int'
CPU: {C} PID: {P} Comm: syz Not tainted {V}
Call Trace:
@i __dump_stack lib/dump_stack.c
@ dump_stack_lvl lib/dump_stack.c
@ ubsan_epilogue lib/ubsan.c
@ __ubsan_handle_shift_out_of_bounds.cold lib/ubsan.c
@ rate_scale.constprop.0 net/sched/rate.c
@ rate_set net/sched/rate.c
{S}
================================================================================
===
KMSAN: uninit-value | route_pick
=====================================================
BUG: KMSAN: uninit-value in route_pick{O} net/route.c:44
@ route_pick net/route.c
@ route_out net/route.c
{S}

Uninit was stored to memory at:
@ route_copy net/route.c

Uninit was created at:
@ slab_post_alloc_hook mm/slub.c
@ route_alloc net/route.c

CPU: {C} PID: {P} Comm: syz Not tainted {V}
=====================================================
===
KMSAN: kernel-infoleak | stat_fill
BUG: KMSAN: kernel-infoleak in instrument_copy_to_user include/linux/instrumented.h:114 [inline]
BUG: KMSAN: kernel-infoleak in _copy_to_user{O} lib/usercopy.c:45
@i instrument_copy_to_user include/linux/instrumented.h
@ _copy_to_user lib/usercopy.c
@i copy_to_user include/linux/uaccess.h
@ stat_fill fs/stat_x.c
{S}

Local variable st created at:
@ stat_do fs/stat_x.c
===
KCSAN: data-race | gauge_add / gauge_read
==================================================================
BUG: KCSAN: data-race in gauge_add / gauge_read

write to {A} of 8 bytes by task {P} on cpu {C}:
@ gauge_add lib/gauge.c
@ gauge_tick lib/gauge.c

read to {A} of 8 bytes by interrupt on cpu 0:
@ gauge_read lib/gauge.c
@ gauge_show lib/gauge.c

value changed: 0x0000000000000{N} -> 0x0000000000000{N}

Reported by Kernel Concurrency Sanitizer on:
CPU: {C} PID: {P} Comm: syz Not tainted {V}
===
possible deadlock | vault_sync
======================================================
WARNING: possible circular locking dependency detected
{V} Not tainted
------------------------------------------------------
syz.0.1/{P} is trying to acquire lock:
{A} (&vault->lock){+.+.}-{4:4}, at: vault_sync{O} fs/vault.c:44

but task is already holding lock:
{A} (&type->s_umount_key#{N}){++++}-{4:4}, at: vault_super{O} fs/super.c:99

which lock already depends on the new lock.

the existing dependency chain (in reverse order) is:

-> #1 (&type->s_umount_key#{N}){++++}-{4:4}:
@ lock_acquire kernel/locking/lockdep.c
@ down_write kernel/locking/rwsem.c
@ vault_mount fs/vault.c

stack backtrace:
CPU: {C} PID: {P} Comm: syz.0.1 Not tainted {V}
Call Trace:
@ dump_stack_lvl lib/dump_stack.c
@ print_circular_bug kernel/locking/lockdep.c
@ check_noncircular kernel/locking/lockdep.c
@ __lock_acquire kernel/locking/lockdep.c
@ vault_sync fs/vault.c
===
possible deadlock | bond_scan
============================================
WARNING: possible recursive locking detected
{V} Not tainted
--------------------------------------------
syz.0.1/{P} is trying to acquire lock:
{A} (&bond->lock){+.-.}-{3:3}, at: spin_lock include/linux/spinlock.h:351 [inline]
{A} (&bond->lock){+.-.}-{3:3}, at: bond_scan{O} net/bond.c:12

but task is already holding lock:
{A} (&bond->lock){+.-.}-{3:3}, at: bond_top{O} net/bond.c:40

other info that might help us debug this:
===
inconsistent lock state | meter_inc
================================
WARNING: inconsistent lock state
{V} Not tainted
--------------------------------
inconsistent {SOFTIRQ-ON-W} -> {IN-SOFTIRQ-W} usage.
syz.0.1/{P} [HC0[0]:SC1[1]:HE1:SE0] takes:
{A} (&meter->lock){+.?.}-{3:3}, at: spin_lock include/linux/spinlock.h:351 [inline]
{A} (&meter->lock){+.?.}-{3:3}, at: meter_inc{O} net/meter.c:12
{SOFTIRQ-ON-W} state was registered at:
@ lock_acquire kernel/locking/lockdep.c
@ meter_set net/meter.c
===
suspicious RCU usage | zone_find
=============================
WARNING: suspicious RCU usage
{V} Not tainted
-----------------------------
net/zone.c:51 suspicious rcu_dereference_check() usage!

other info that might help us debug this:

rcu_scheduler_active = 2, debug_locks = 1
1 lock held by syz.0.1/{P}:
 #0: {A} (sk_lock-AF_INET){+.+.}-{0:0}, at: zone_bind{O} net/zone.c:90

stack backtrace:
CPU: {C} PID: {P} Comm: syz Not tainted {V}
Call Trace:
@ dump_stack_lvl lib/dump_stack.c
@ lockdep_rcu_suspicious kernel/locking/lockdep.c
@ zone_find net/zone.c
{S}
===
task hung | depot_remount
INFO: task syz.{N}.1:{P} blocked for more than 143 seconds.
      Not tainted {V}
"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
task:syz.{N}.1 state:D stack:28656 pid:{P} tgid:{P} ppid:1 flags:0x00004006
Call Trace:
 <TASK>
@i context_switch kernel/sched/core.c
@ __schedule kernel/sched/core.c
@i __schedule_loop kernel/sched/core.c
@ schedule kernel/sched/core.c
@ schedule_preempt_disabled kernel/sched/core.c
@ rwsem_down_write_slowpath kernel/locking/rwsem.c
@i __down_write_common kernel/locking/rwsem.c
@ down_write kernel/locking/rwsem.c
@ depot_remount fs/depot.c
{S}
 </TASK>

Showing all locks held in the system:
1 lock held by khungtaskd/30:
NMI backtrace for cpu 0
===
rcu stall | wave_write_iter
rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
rcu: 	0-...!: (1 GPs behind) idle=0{N}c/1/0x4000000000000000 softirq={N}/{N} fqs=5
	(detected by 1, t=10502 jiffies, g={N}, q=300 ncpus=2)
Sending NMI from CPU 1 to CPUs 0:
NMI backtrace for cpu 0
CPU: {C} PID: {P} Comm: syz.0.1 Not tainted {V}
RIP: 0010:_raw_spin_unlock_irqrestore{O} kernel/locking/spinlock.c:194
Call Trace:
 <IRQ>
@ hrtimer_interrupt kernel/time/hrtimer.c
 </IRQ>
 <TASK>
@ wave_spin sound/wave.c
@ wave_write_iter sound/wave.c
@ vfs_write fs/read_write.c
===
soft lockup | dial_sendmsg
watchdog: BUG: soft lockup - CPU#{C} stuck for 2{N}s! [syz.0.1:{P}]
Modules linked in:
irq event stamp: {N}
CPU: {C} PID: {P} Comm: syz.0.1 Not tainted {V}
RIP: 0010:queued_spin_lock_slowpath{O} kernel/locking/qspinlock.c:474
Call Trace:
@ do_raw_spin_lock kernel/locking/spinlock_debug.c
@ dial_sendmsg net/dial.c
{S}
===
memory leak | plug_open
BUG: memory leak
unreferenced object {A} (size 128):
  comm "syz.0.1", pid {P}, jiffies 4294{N}
  hex dump (first 32 bytes):
    00 01 02 03 00 00 00 00 00 00 00 00 00 00 00 00  ................
  backtrace (crc {N}abc):
@ kmemleak_alloc_recursive include/linux/kmemleak.h
@ __kmalloc_cache_noprof mm/slub.c
@i kmalloc_noprof include/linux/slab.h
@i kzalloc_noprof include/linux/slab.h
@ plug_open drivers/plug.c
{S}
===
sleeping function called from invalid context | nest_wait
BUG: sleeping function called from invalid context at kernel/locking/mutex.c:580
in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: {P}, name: syz.0.1
preempt_count: 201, expected: 0
1 lock held by syz.0.1/{P}:
 #0: {A} (&nest->l){+.-.}-{3:3}, at: nest_top{O} net/nest.c:3
Preemption disabled at:
[<{A}>] nest_top{O} net/nest.c:3
CPU: {C} PID: {P} Comm: syz Not tainted {V}
Call Trace:
@ dump_stack_lvl lib/dump_stack.c
@ __might_resched kernel/sched/core.c
@i __mutex_lock_common kernel/locking/mutex.c
@ __mutex_lock kernel/locking/mutex.c
@ nest_wait net/nest.c
{S}
===
scheduling while atomic | yard_close
BUG: scheduling while atomic: syz.0.1/{P}/0x00000002
Modules linked in:
CPU: {C} PID: {P} Comm: syz Not tainted {V}
Call Trace:
@ dump_stack_lvl lib/dump_stack.c
@ __schedule_bug kernel/sched/core.c
@i schedule_debug kernel/sched/core.c
@ __schedule kernel/sched/core.c
@ schedule kernel/sched/core.c
@ schedule_timeout kernel/time/timer.c
@ __wait_for_common kernel/sched/completion.c
@ yard_close drivers/yard.c
{S}
===
bad unlock balance | crate_put
=====================================
WARNING: bad unlock balance detected!
{V} Not tainted
-------------------------------------
syz.0.1/{P} is trying to release lock (&crate->lock) at:
[<{A}>] crate_put{O} fs/crate.c:12
but there are no more locks to release!

other info that might help us debug this:
===
stack is corrupted | glyph_draw
Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: glyph_draw{O} drivers/glyph.c:91
CPU: {C} PID: {P} Comm: syz Not tainted {V}
Call Trace:
@ dump_stack_lvl lib/dump_stack.c
@ panic kernel/panic.c
@ __stack_chk_fail kernel/panic.c
@ glyph_draw drivers/glyph.c
===
divide error | pace_calc
divide error: 0000 [#1] PREEMPT SMP KASAN
CPU: {C} PID: {P} Comm: syz Not tainted {V}
RIP: 0010:pace_calc{O} net/pace.c:71
Call Trace:
@ pace_set net/pace.c
{S}
===
spinlock bad magic | bell_ring
BUG: spinlock bad magic on CPU#{C}, syz.0.1/{P}
 lock: {A}, .magic: 00000000, .owner: <none>/-1, .owner_cpu: 0
CPU: {C} PID: {P} Comm: syz Not tainted {V}
Call Trace:
@ dump_stack_lvl lib/dump_stack.c
@ spin_dump kernel/locking/spinlock_debug.c
@i debug_spin_lock_before kernel/locking/spinlock_debug.c
@ do_raw_spin_lock kernel/locking/spinlock_debug.c
@ _raw_spin_lock_irqsave kernel/locking/spinlock.c
@ bell_ring sound/bell.c
{S}
===
non-static key | pump_stop
INFO: trying to register non-static key.
The code is fine but needs lockdep annotation, or maybe
you didn't initialize this object before use?
turning off the locking correctness validator.
CPU: {C} PID: {P} Comm: syz Not tainted {V}
Call Trace:
@ dump_stack_lvl lib/dump_stack.c
@ assign_lock_key kernel/locking/lockdep.c
@ register_lock_class kernel/locking/lockdep.c
@ __lock_acquire kernel/locking/lockdep.c
@ lock_acquire kernel/locking/lockdep.c
@ del_timer_sync kernel/time/timer.c
@ pump_stop drivers/pump.c
{S}
===
KFENCE: use-after-free Read | hose_read
==================================================================
BUG: KFENCE: use-after-free read in hose_read{O} drivers/hose.c:12

Use-after-free read at 0x{A} (in kfence-#{N}):
@ hose_read drivers/hose.c
{S}

kfence-#{N}: {A}-{A}, size=32, cache=kmalloc-32
===
page fault | sctp_pull
Fatal trap 12: page fault while in kernel mode
cpuid = {C}; apic id = 0{C}
fault virtual address	= 0x{N}
fault code		= supervisor read data, page not present
instruction pointer	= 0x20:0x{A}
current process		= {P} (syz-executor)
trap number		= 12
panic: page fault
cpuid = {C}
time = 17{N}
KDB: stack backtrace:
db_trace_self_wrapper() at db_trace_self_wrapper+0x2b/frame 0x{A}
vpanic() at vpanic+0x182/frame 0x{A}
panic() at panic+0x43/frame 0x{A}
trap_fatal() at trap_fatal+0x387/frame 0x{A}
trap_pfault() at trap_pfault+0x4f/frame 0x{A}
trap() at trap+0x27d/frame 0x{A}
calltrap() at calltrap+0x8/frame 0x{A}
--- trap 0xc, rip = 0x{A}, rsp = 0x{A}, rbp = 0x{A} ---
sctp_pull() at sctp_pull+0x2d/frame 0x{A}
sctp_in() at sctp_in+0x{N}/frame 0x{A}
===
page fault | so_pour
uvm_fault(0xfffffd80{N}, 0x10, 0, 1) -> e
kernel: page fault trap, code=0
Stopped at      so_pour+0x41:   movq    0x10(%rax),%rbx
    TID    PID    UID     PRFLAGS     PFLAGS  CPU  COMMAND
*{P}  {P}      0         0x2          0    {C}  syz-executor
so_pour(ffff80{N}) at so_pour+0x41
so_send(ffff80{N},0) at so_send+0x{N}
===
page fault | vn_tilt
fatal page fault in supervisor mode
trap type 6 code 0 rip 0xffffffff80{N} cs 0x8 rflags 0x10246 cr2 0x8 ilevel 0 rsp 0x{A}
curlwp 0xffffba80{N} pid {P}.{P} lowest kstack 0x{A}
kernel: page fault trap, code=0
Stopped in pid {P}.{P} (syz-executor) at netbsd:vn_tilt+0x2b:  movq 8(%rax),%rax
vn_tilt() at netbsd:vn_tilt+0x2b
vn_lean() at netbsd:vn_lean+0x{N}
===
ASan: PoolUseAfterFree | pipe_drain_x
ASan: Unauthorized Access In 0x{A}: Addr 0x{A} [8 bytes, read, PoolUseAfterFree]
#0 0x{A} in pipe_drain_x <netbsd>
#1 0x{A} in pipe_shut_x <netbsd>
fatal breakpoint trap in supervisor mode
Stopped in pid {P}.{P} (syz) at netbsd:breakpoint+0x5:  leave
===
rcu stall | advance_lamp
rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
rcu: 	0-...!: (1 GPs behind) idle=0a2c/1/0x4000000000000000 softirq=9012/9013 fqs={N}
rcu: 	(detected by 1, t=1050{N} jiffies, g={P}, q={N} ncpus=2)
Sending NMI from CPU 1 to CPUs 0:
NMI backtrace for cpu 0
CPU: 0 PID: {P} Comm: syz.0.16 Not tainted {V}
RIP: 0010:hlock_class{O} kernel/locking/lockdep.c:228
Call Trace:
 <NMI>
 </NMI>
 <IRQ>
@ __lock_acquire kernel/locking/lockdep.c
@ lock_acquire kernel/locking/lockdep.c
@i __raw_spin_lock include/linux/spinlock_api_smp.h
@ _raw_spin_lock kernel/locking/spinlock.c
@ advance_lamp net/sched/sch_lamp.c
@i __run_hrtimer kernel/time/hrtimer.c
@ __hrtimer_run_queues kernel/time/hrtimer.c
@ hrtimer_interrupt kernel/time/hrtimer.c
@ __sysvec_apic_timer_interrupt arch/x86/kernel/apic/apic.c
@ sysvec_apic_timer_interrupt arch/x86/kernel/apic/apic.c
 </IRQ>
 <TASK>
@ asm_sysvec_apic_timer_interrupt arch/x86/include/asm/idtentry.h
RIP: 0010:_raw_spin_unlock_irqrestore{O} kernel/locking/spinlock.c:194
@ wobble_ioctl drivers/net/wobble.c
{S}
 </TASK>
rcu: rcu_preempt kthread starved for 1050{N} jiffies! g{P} f0x0 RCU_GP_WAIT_FQS(5) ->state=0x0 ->cpu=1
rcu: RCU grace-period kthread stack dump:
task:rcu_preempt     state:R  running task     stack:26000 pid:17    ppid:2
Call Trace:
@ __schedule kernel/sched/core.c
@ rcu_gp_kthread kernel/rcu/tree.c
===
rcu stall | rotate_moth
rcu: INFO: rcu_preempt self-detected stall on CPU
rcu: 	1-....: (1049{N} ticks this GP) idle=1a2c/1/0x4000000000000000 softirq=912/913 fqs={N}
CPU: 1 PID: {P} Comm: syz.1.77 Not tainted {V}
RIP: 0010:rb_next{O} lib/rbtree.c:500
Call Trace:
 <IRQ>
@ timerqueue_del lib/timerqueue.c
@ rotate_moth net/sched/sch_moth.c
@ __hrtimer_run_queues kernel/time/hrtimer.c
@ hrtimer_interrupt kernel/time/hrtimer.c
@ __sysvec_apic_timer_interrupt arch/x86/kernel/apic/apic.c
@ sysvec_apic_timer_interrupt arch/x86/kernel/apic/apic.c
 </IRQ>
 <TASK>
@ asm_sysvec_apic_timer_interrupt arch/x86/include/asm/idtentry.h
@ finish_task_switch kernel/sched/core.c
{S}
 </TASK>
===
rcu stall | kelp_tune
rcu: INFO: rcu_preempt self-detected stall on CPU
rcu: 	1-....: (1049{N} ticks this GP) idle=1a2c/1/0x4000000000000000 softirq=912/913 fqs={N}
CPU: 1 PID: 1 Comm: swapper/0 Not tainted {V}
Call Trace:
@ delay_halt arch/x86/lib/delay.c
@ kelp_reset drivers/gpu/kelp.c
@ kelp_tune drivers/gpu/kelp.c
@ do_one_initcall init/main.c
@ kernel_init_freeable init/main.c
@ kernel_init init/main.c
@ ret_from_fork arch/x86/kernel/process.c
===
WARNING | moth_tune
usb 1-1: BOGUS urb xfer, pipe {N} != type 1
WARNING: CPU: {C} PID: {P} at drivers/usb/core/urb.c:503 usb_submit_urb{O} drivers/usb/core/urb.c:503
CPU: {C} PID: {P} Comm: kworker/0:3 Not tainted {V}
Workqueue: usb_hub_wq hub_event
RIP: 0010:usb_submit_urb{O} drivers/usb/core/urb.c:503
Call Trace:
@ usb_start_wait_urb drivers/usb/core/message.c
@ usb_bulk_msg drivers/usb/core/message.c
@ moth_tune drivers/media/moth.c
@ usb_probe_interface drivers/usb/core/driver.c
@ hub_event drivers/usb/core/hub.c
===
WARNING | lamp_irq_arm
usb 1-1: BOGUS urb xfer, pipe {N} != type 1
WARNING: CPU: {C} PID: {P} at drivers/usb/core/urb.c:503 usb_submit_urb{O} drivers/usb/core/urb.c:503
CPU: {C} PID: {P} Comm: kworker/1:3 Not tainted {V}
RIP: 0010:usb_submit_urb{O} drivers/usb/core/urb.c:503
Call Trace:
@ lamp_irq_arm drivers/input/lamp.c
@ usb_probe_interface drivers/usb/core/driver.c
@ hub_event drivers/usb/core/hub.c
===
possible deadlock | fern_queue
WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected
{V} Not tainted
syz.1.20/{P} [HC0[0]:SC0[2]:HE1:SE0] is trying to acquire:
{A} (&r->lock){+.+.}-{3:3}, at: spin_lock{O} include/linux/spinlock.h:351
and this task is already holding:
{A} (&f->lock){+.-.}-{3:3}, at: fern_hold{O} net/fern.c:{P}
which would create a new lock dependency:
 (&f->lock){+.-.}-{3:3} -> (&r->lock){+.+.}-{3:3}
stack backtrace:
CPU: {C} PID: {P} Comm: syz.1.20 Not tainted {V}
Call Trace:
@ dump_stack_lvl lib/dump_stack.c
@ print_bad_irq_dependency kernel/locking/lockdep.c
@ validate_chain kernel/locking/lockdep.c
@ __lock_acquire kernel/locking/lockdep.c
@ lock_acquire kernel/locking/lockdep.c
@ fern_queue net/fern.c
{S}
`
  .trim()
  .split("\n===\n");
