// Cancel, suspend, resume, retry: each asks first and takes a reason.
import { useState } from 'preact/hooks';
import { ApiError, post, segment } from '../../api/client';
import type { Run, RunStatus } from '../../api/types';
import { useText } from '../../i18n';
import { announce } from '../../ui/announce';
import { Dialog } from '../../ui/dialog';
import { TextArea } from '../../ui/fields';
import { Alert, Button, ProblemAlert } from '../../ui/parts';

type Action = 'cancel' | 'suspend' | 'resume' | 'retry';

const allowed: Record<RunStatus, Action[]> = {
    pending: ['suspend', 'cancel'],
    running: ['suspend', 'cancel'],
    waiting: ['suspend', 'cancel'],
    suspended: ['resume', 'cancel'],
    faulted: ['retry'],
    cancelled: [],
    completed: [],
};

interface Props {
    run: Run;
    onChange: (run: Run) => void;
    reload: () => void;
}

export function RunActions({ run, onChange, reload }: Props) {
    const t = useText();
    const [asked, setAsked] = useState<Action | null>(null);
    const [hadConflict, setConflict] = useState(false);
    const actions = allowed[run.status];

    function finish(changed: Run | null) {
        if (asked && changed) {
            announce(t.run.action[asked].done);
            onChange(changed);
        } else {
            reload();
        }
        setConflict(changed === null);
        setAsked(null);
    }

    return (
        <>
            {actions.length > 0 && (
                <div class="actions" role="group" aria-label={t.run.actions}>
                    {actions.map((action) => (
                        <Button
                            key={action}
                            kind={action === 'retry' || action === 'resume' ? 'primary' : 'secondary'}
                            onClick={() => setAsked(action)}
                        >
                            {t.run[action]}
                        </Button>
                    ))}
                </div>
            )}
            {hadConflict && <Alert tone="warning" title={t.run.conflict} urgent />}
            {asked && (
                <ActionDialog run={run} action={asked} onClose={() => setAsked(null)} onDone={finish} />
            )}
        </>
    );
}

interface DialogProps {
    run: Run;
    action: Action;
    onClose: () => void;
    /** `null`: the run's state did not allow it any more. */
    onDone: (run: Run | null) => void;
}

function ActionDialog({ run, action, onClose, onDone }: DialogProps) {
    const t = useText();
    const [reason, setReason] = useState('');
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<ApiError | null>(null);
    const words = t.run.action[action];

    async function submit() {
        if (busy) {
            return;
        }
        setBusy(true);
        setError(null);
        try {
            onDone(await post<Run>(`/api/v1/runs/${segment(run.id)}/${action}`, { reason: reason.trim() }));
        } catch (caught) {
            setBusy(false);
            if (!(caught instanceof ApiError)) {
                throw caught;
            }
            if (caught.status === 409) {
                onDone(null);
            } else {
                setError(caught);
            }
        }
    }

    return (
        <Dialog
            title={words.title}
            onClose={onClose}
            onSubmit={submit}
            footer={
                <>
                    <Button onClick={onClose}>{t.run.keep}</Button>
                    <Button kind="primary" type="submit" busy={busy}>
                        {words.submit}
                    </Button>
                </>
            }
        >
            <p class="kern-body">{words.lead}</p>
            {error && <ProblemAlert error={error} />}
            <TextArea
                label={t.run.reason}
                hint={t.run.reasonHint}
                value={reason}
                onInput={setReason}
                rows={3}
                optional
            />
        </Dialog>
    );
}
