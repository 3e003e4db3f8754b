import type { ReactNode } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";

type Props = {
  title: string;
  onClose: () => void;
  /** What a press beside the dialog would throw away keeps it open. */
  keeps?: boolean;
  role?: "dialog" | "alertdialog";
  children: ReactNode;
};

/** A dialog over the page: it takes the focus, gives it back, and closes on Escape. */
export function ModalDialog({ title, onClose, keeps = false, role = "dialog", children }: Props) {
  return (
    <ModalOverlay
      isOpen
      isDismissable={!keeps}
      onOpenChange={(open) => !open && onClose()}
      className="fixed inset-0 z-40 flex items-center justify-center bg-black/40 p-4"
    >
      <Modal className="max-h-full w-full max-w-140 overflow-auto rounded-lg border border-line bg-raised shadow-2xl shadow-black/30">
        <Dialog role={role} className="p-5 outline-none">
          <div className="flex items-start justify-between gap-4">
            <Heading slot="title" className="text-lg font-semibold">
              {title}
            </Heading>
            <button type="button" className="button button-small" onClick={onClose}>
              Close
            </button>
          </div>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
