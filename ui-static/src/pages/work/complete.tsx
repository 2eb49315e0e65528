// How a work item is completed: an outcome that nobody has chosen beforehand, a reason, and for a decision a
// second look before it binds. What is typed stays: through a refetch, an expired session, a walk to another page.
import { useRef, useState } from 'preact/hooks';
import { ApiError, post, segment } from '../../api/client';
import type { Work, WorkDetail } from '../../api/types';
import { useText } from '../../i18n';
import { capital } from '../../i18n/format';
import { announce } from '../../ui/announce';
import { Dialog } from '../../ui/dialog';
import { Choice, focusFirstError, TextArea } from '../../ui/fields';
import { Button, Facts, ProblemAlert } from '../../ui/parts';
import { workTitle } from '../../ui/rows';

interface Draft {
    outcome: string | null;
    reason: string;
}

const drafts = new Map<string, Draft>();

interface Props {
    item: WorkDetail;
    onDone: () => void;
    onConflict: () => void;
}

export function CompleteForm({ item, onDone, onConflict }: Props) {
    const t = useText();
    const form = useRef<HTMLFormElement>(null);
    const [draft, setDraft] = useState<Draft>(drafts.get(item.id) ?? { outcome: null, reason: '' });
    const [tried, setTried] = useState(false);
    const [isConfirming, setConfirming] = useState(false);
    const outcomes = item.outcomes ?? [];
    const isDecision = item.kind === 'decide';
    const lacksOutcome = outcomes.length > 0 && draft.outcome === null;
    const needsReason = Array.isArray(item.reasonRequired)
        ? draft.outcome !== null && item.reasonRequired.includes(draft.outcome)
        : item.reasonRequired;
    const lacksReason = needsReason && draft.reason.trim() === '';

    function edit(part: Partial<Draft>) {
        const next = { ...draft, ...part };
        drafts.set(item.id, next);
        setDraft(next);
    }

    function review() {
        setTried(true);
        if (lacksOutcome || lacksReason) {
            focusFirstError(form.current);
        } else {
            setConfirming(true);
        }
    }

    return (
        <form
            ref={form}
            class="form"
            noValidate
            onSubmit={(event) => {
                event.preventDefault();
                review();
            }}
        >
            <h2 class="kern-heading-medium">{isDecision ? t.work.decide : t.work.finish}</h2>
            {outcomes.length > 0 && (
                <Choice
                    legend={isDecision ? t.work.outcome : t.work.result}
                    name="outcome"
                    value={draft.outcome}
                    onInput={(outcome) => edit({ outcome })}
                    choices={outcomes.map((value) => ({ value, label: capital(value) }))}
                    error={
                        tried && lacksOutcome
                            ? isDecision
                                ? t.work.outcomeMissing
                                : t.work.resultMissing
                            : null
                    }
                />
            )}
            <TextArea
                label={isDecision ? t.work.reason : t.work.remark}
                hint={isDecision ? t.work.reasonHint : t.work.remarkHint}
                value={draft.reason}
                onInput={(reason) => edit({ reason })}
                rows={5}
                required={needsReason}
                optional={!needsReason}
                error={
                    tried && lacksReason ? (isDecision ? t.work.reasonMissing : t.work.remarkMissing) : null
                }
            />
            <Button kind="primary" type="submit" block>
                {t.work.review}
            </Button>
            {isConfirming && (
                <ConfirmDialog
                    item={item}
                    draft={draft}
                    onClose={() => setConfirming(false)}
                    onDone={() => {
                        drafts.delete(item.id);
                        setConfirming(false);
                        announce(t.work.completed);
                        onDone();
                    }}
                    onConflict={() => {
                        setConfirming(false);
                        onConflict();
                    }}
                />
            )}
        </form>
    );
}

interface ConfirmProps extends Props {
    draft: Draft;
    onClose: () => void;
}

function ConfirmDialog({ item, draft, onClose, onDone, onConflict }: ConfirmProps) {
    const t = useText();
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<ApiError | null>(null);
    const isDecision = item.kind === 'decide';

    async function submit() {
        if (busy) {
            return;
        }
        setBusy(true);
        setError(null);
        try {
            await post<Work>(`/api/v1/work/${segment(item.id)}/complete`, {
                ...(draft.outcome !== null && { outcome: draft.outcome }),
                ...(draft.reason.trim() !== '' && { reason: draft.reason.trim() }),
            });
            onDone();
        } catch (caught) {
            setBusy(false);
            if (!(caught instanceof ApiError)) {
                throw caught;
            }
            if (caught.status === 409) {
                onConflict();
            } else {
                setError(caught);
            }
        }
    }

    return (
        <Dialog
            title={isDecision ? t.work.confirmTitle : workTitle(item)}
            onClose={onClose}
            onSubmit={submit}
            footer={
                <>
                    <Button onClick={onClose}>{t.work.change}</Button>
                    <Button kind="primary" type="submit" busy={busy}>
                        {isDecision ? t.work.confirm : t.work.confirmTask}
                    </Button>
                </>
            }
        >
            {isDecision && <p class="kern-body">{t.work.confirmLead}</p>}
            {error && <ProblemAlert error={error} />}
            <Facts
                compact
                rows={[
                    [t.work.item, workTitle(item)],
                    draft.outcome
                        ? [
                              isDecision ? t.work.outcome : t.work.result,
                              <strong>{capital(draft.outcome)}</strong>,
                          ]
                        : null,
                    [
                        isDecision ? t.work.reason : t.work.remark,
                        draft.reason.trim() === '' ? (
                            t.common.none
                        ) : (
                            <span class="wrap">{draft.reason.trim()}</span>
                        ),
                    ],
                ]}
            />
        </Dialog>
    );
}
