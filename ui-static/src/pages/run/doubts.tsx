// A call of which nobody knows whether it took effect: what is known about it, and the three ways out.
import { useRef, useState } from 'preact/hooks';
import { ApiError, postText, segment } from '../../api/client';
import type { Doubt, Run } from '../../api/types';
import { useText } from '../../i18n';
import { exactTime, number } from '../../i18n/format';
import { announce } from '../../ui/announce';
import { Dialog } from '../../ui/dialog';
import { Choice, focusFirstError, TextArea } from '../../ui/fields';
import { Alert, Button, Facts, ProblemAlert } from '../../ui/parts';
import { Tree } from '../../ui/tree';
import { whyNotJson } from '../start';

const resolutions = ['repeat', 'skip', 'fail'] as const;
type Resolution = (typeof resolutions)[number];

interface Props {
    run: Run;
    doubts: Doubt[];
    canSteer: boolean;
    onChange: (run: Run) => void;
    reload: () => void;
}

export function Doubts({ run, doubts, canSteer, onChange, reload }: Props) {
    const t = useText();
    const [asked, setAsked] = useState<Doubt | null>(null);
    return (
        <Alert tone="warning" title={t.run.doubtHeading(doubts.length)}>
            <p class="kern-body">{t.run.doubtLead}</p>
            {doubts.map((doubt) => (
                <div class="doubt" key={doubt.frame}>
                    <h2 class="kern-heading-small">{doubt.name}</h2>
                    <DoubtFacts doubt={doubt} />
                    {canSteer && (
                        <div class="actions">
                            <Button
                                kind="primary"
                                label={`${t.run.resolve}: ${doubt.name}`}
                                onClick={() => setAsked(doubt)}
                            >
                                {t.run.resolve}
                            </Button>
                        </div>
                    )}
                </div>
            ))}
            {asked && (
                <ResolveDialog
                    run={run}
                    doubt={asked}
                    onClose={() => setAsked(null)}
                    onDone={(changed) => {
                        setAsked(null);
                        if (changed) {
                            announce(t.run.resolved);
                            onChange(changed);
                        } else {
                            announce(t.run.conflict);
                            reload();
                        }
                    }}
                />
            )}
        </Alert>
    );
}

function DoubtFacts({ doubt }: { doubt: Doubt }) {
    const t = useText();
    return (
        <Facts
            compact
            rows={[
                [t.run.doubtOperation, <span class="mono">{doubt.operation}</span>],
                [t.run.doubtSince, exactTime(doubt.since)],
                [t.run.doubtTries, number(doubt.tries)],
                [t.run.doubtKey, <span class="mono wrap">{doubt.key}</span>],
                [t.run.doubtRequest, <Tree value={doubt.request} what={t.run.doubtRequest} />],
            ]}
        />
    );
}

interface DialogProps {
    run: Run;
    doubt: Doubt;
    onClose: () => void;
    onDone: (run: Run | null) => void;
}

function ResolveDialog({ run, doubt, onClose, onDone }: DialogProps) {
    const t = useText();
    const form = useRef<HTMLDivElement>(null);
    const [resolution, setResolution] = useState<Resolution | null>(null);
    const [output, setOutput] = useState('');
    const [reason, setReason] = useState('');
    const [tried, setTried] = useState(false);
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<ApiError | null>(null);
    const badJson = resolution === 'skip' ? whyNotJson(output) : null;

    async function submit() {
        setTried(true);
        setError(null);
        if (resolution === null || reason.trim() === '' || badJson !== null) {
            focusFirstError(form.current);
            return;
        }
        setBusy(true);
        try {
            onDone(await postText<Run>(`/api/v1/runs/${segment(run.id)}/resolve`, body(resolution)));
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

    /** The result goes as it was typed, so that no number in it changes. */
    function body(chosen: Resolution): string {
        const rest = JSON.stringify({ frame: doubt.frame, resolution: chosen, reason: reason.trim() });
        const result = chosen === 'skip' && output.trim() !== '' ? output.trim() : null;
        return result === null ? rest : `${rest.slice(0, -1)},"output":${result}}`;
    }

    return (
        <Dialog
            title={t.run.resolveTitle(doubt.name)}
            onClose={onClose}
            onSubmit={submit}
            footer={
                <>
                    <Button onClick={onClose}>{t.run.keep}</Button>
                    <Button kind="primary" type="submit" busy={busy}>
                        {t.run.resolveSubmit}
                    </Button>
                </>
            }
        >
            <div class="form form--wide" ref={form}>
                <DoubtFacts doubt={doubt} />
                {error && <ProblemAlert error={error} />}
                <Choice
                    legend={t.run.resolution}
                    name="resolution"
                    value={resolution}
                    onInput={(value) => setResolution(value as Resolution)}
                    choices={resolutions.map((value) => ({
                        value,
                        label: t.run.resolutions[value],
                        hint: t.run.resolutionHints[value],
                    }))}
                    error={tried && resolution === null ? t.run.resolutionMissing : null}
                />
                {resolution === 'skip' && (
                    <TextArea
                        label={t.run.resolveOutput}
                        value={output}
                        onInput={setOutput}
                        mono
                        optional
                        error={tried && badJson !== null ? t.flows.badJson(badJson) : null}
                    />
                )}
                <TextArea
                    label={t.run.reason}
                    hint={t.run.reasonHint}
                    value={reason}
                    onInput={setReason}
                    rows={3}
                    required
                    error={tried && reason.trim() === '' ? t.run.reasonMissing : null}
                />
            </div>
        </Dialog>
    );
}
