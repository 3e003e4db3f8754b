import type { Frame } from "@prunella/contract";
import { isInterrupt, isKernelMachinery } from "./kernel-noise.ts";

/**
 * The function that a stalled processor was asked to run: a file's operation, a work, a timer. What
 * it happened to do when the watchdog came is chance, so of each context (the task, the interrupts
 * that came upon it) the outermost function counts that generic code called. Newest context first.
 */
export function stalledIn(frames: readonly Frame[], interrupt: number): string | null {
  const names = frames.map((each) => each.function ?? "");
  let from = 0;
  for (let i = 0; i < names.length; i++) {
    if (!isInterrupt(names[i]!) && i + 1 !== interrupt && i + 1 !== names.length) continue;
    const context = names.slice(from, i + 1);
    const isTask = i + 1 === names.length && !isInterrupt(names[i]!);
    from = i + 1;
    if (!isTask && !hasWork(context)) continue;
    const own = context.findLast((name) => !isKernelMachinery(name) && !DISPATCH.test(name));
    const found = own ?? context.findLast((name) => SYSTEM_CALL.test(name));
    if (found !== undefined) return found;
  }
  return null;
}

/** The watchdog's own interrupt does none of the work that stalls. */
function hasWork(context: readonly string[]): boolean {
  return context.some((name) => WORK.test(name)) && !context.some((name) => TICK.test(name));
}

const WORK =
  /^(?:_{0,4}do_softirq\w*|handle_softirqs|call_timer_fn|run_\w{1,40}softirq|net_rx_action|tasklet_\w{1,40}|__hrtimer_run_queues|__handle_irq_event\w*|rcu_do_batch)$/;
const TICK =
  /^(?:rcu_(?:sched_clock_irq|check_callbacks|pending|dump_cpu_stacks)|(?:print_)?(?:check_)?cpu_stall|update_process_times|tick_(?:sched|nohz|periodic|handle)\w*|watchdog_timer_fn|nmi_(?:cpu|trigger)\w*)$/;
const SYSTEM_CALL = /^_{0,4}(?:do_|se_|x64_|ia32_|arm64_|compat_|k)*(?:sys|SyS|SYSC)_\w+$/;
/** Code that calls the operation of a file, socket, file system or page fault handler. */
const DISPATCH =
  /^(?:_{0,4}(?:do_|se_|x64_|ia32_|arm64_|compat_|k)*(?:sys|SyS|SYSC)_\w+|\w{1,80}_compat_ioctl|_{0,2}vfs_\w+|do_(?:vfs_ioctl|iter_\w+|loop_readv\w*|readv\w*|writev\w*|splice\w*|sendfile\w*|filp_open|file_open\w*|dentry_open|open\w*|mount|new_mount\w*|move_mount|exit|group_exit|signal|notify_resume|poll\w*|select\w*|rmdir|unlinkat|mkdirat|mknodat|renameat2|linkat|truncate|ftruncate|user_addr_fault|fault\w*|read_fault|page_mkwrite|shared_fault|cow_fault|iter_readv\w*|direct_IO|setsockopt|accept\w*)|_{0,2}handle_mm_fault|faultin_page|_{0,2}mmap_region|do_mmap|vm_mmap_pgoff|net_rx_action|process_backlog|_{0,2}napi_poll|napi_\w+|_{0,2}netif_receive_skb\w*|_{0,2}get_user_pages\w*|populate_vma\w*|_{0,2}mm_populate|new_sync_\w+|call_(?:read|write)_iter|path_(?:openat|mount|umount|lookupat\w*|setxattr|getxattr)|lookup_\w{1,20}|walk_component|link_path_walk|open_last_lookups|_{0,4}fput|delayed_fput|task_work_run|get_signal|arch_do_signal\w*|exit_to_\w+|prepare_exit\w*|exit_mm\w*|mmput|_{0,2}mmput|syscall_\w+|_{0,2}sock_(?:sendmsg\w*|recvmsg\w*|release|close|write_iter|read_iter|ioctl|do_ioctl|common_\w+|poll)|inet6?_(?:sendmsg|recvmsg|release|ioctl|stream_connect|bind|listen|accept)|kernel_(?:sendmsg|recvmsg|connect|sendpage)|netlink_(?:sendmsg|unicast\w*|rcv_skb)|rtnetlink_rcv\w*|genl_(?:rcv\w*|family_rcv\w*)|nf_[gs]etsockopt|legacy_get_tree|get_tree_\w+|mount_(?:bdev|nodev|single|fs)|chrdev_open|notify_change|deactivate_\w*super|cleanup_mnt|generic_shutdown_super|kill_\w+_super)$/;
