// The browser's own modal dialog: it traps the focus, makes the page behind it inert and closes on Escape.
// Mounted means open. The focus goes back to where it came from.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { useText } from '../i18n';

interface DialogProps {
    title: string;
    onClose: () => void;
    /** What is pressed goes last in the order of the page. */
    footer: ComponentChildren;
    onSubmit: () => unknown;
    children: ComponentChildren;
}

export function Dialog({ title, onClose, footer, onSubmit, children }: DialogProps) {
    const t = useText();
    const id = useId();
    const dialog = useRef<HTMLDialogElement>(null);
    useEffect(() => {
        const before = document.activeElement;
        dialog.current?.showModal();
        return () => {
            if (before instanceof HTMLElement && before.isConnected) {
                before.focus();
            } else {
                document.querySelector('h1')?.focus();
            }
        };
    }, []);
    return (
        <dialog
            class="kern-dialog"
            aria-labelledby={id}
            ref={dialog}
            onCancel={(event) => {
                event.preventDefault();
                onClose();
            }}
        >
            <form
                noValidate
                onSubmit={(event) => {
                    event.preventDefault();
                    onSubmit();
                }}
            >
                <header class="kern-dialog__header">
                    <h2 class="kern-title kern-title--large" id={id}>
                        {title}
                    </h2>
                    <button type="button" class="kern-btn kern-btn--tertiary" onClick={onClose}>
                        <span class="kern-icon kern-icon--close" aria-hidden="true" />
                        <span class="kern-label kern-sr-only">{t.common.close}</span>
                    </button>
                </header>
                <section class="kern-dialog__body">{children}</section>
                <footer class="kern-dialog__footer">{footer}</footer>
            </form>
        </dialog>
    );
}
