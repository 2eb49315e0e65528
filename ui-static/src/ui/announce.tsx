// One polite live region for what happens out of sight.
import { useEffect, useState } from 'preact/hooks';
import { store, useStore } from '../state/store';

const message = store<{ text: string }>({ text: '' });

/** Has screen readers say it; nothing is shown. */
export function announce(text: string): void {
    message.set({ text });
}

export function Announcer() {
    const said = useStore(message);
    const [shown, setShown] = useState('');
    useEffect(() => {
        // Emptied first: the same words twice are a change twice.
        setShown('');
        const timer = window.setTimeout(() => setShown(said.text), 60);
        return () => window.clearTimeout(timer);
    }, [said]);
    return (
        <div class="kern-sr-only" role="status" aria-live="polite">
            {shown}
        </div>
    );
}
