import { useRef, useState } from 'preact/hooks';
import { ApiError, postText, segment } from '../api/client';
import type { FlowDetail, Run } from '../api/types';
import { useText } from '../i18n';
import { go, href } from '../router';
import { useResource } from '../state/resource';
import { announce } from '../ui/announce';
import { focusFirstError, TextArea } from '../ui/fields';
import { Button, ButtonLink, Link, PageHeading, ProblemAlert } from '../ui/parts';
import { runTitle } from '../ui/rows';

/** Why a text is no JSON, or null. An empty text is no input, which is fine. */
export function whyNotJson(text: string): string | null {
    if (text.trim() === '') {
        return null;
    }
    try {
        JSON.parse(text);
        return null;
    } catch (error) {
        return error instanceof Error ? error.message : String(error);
    }
}

export function StartPage({ namespace, name }: { namespace: string; name: string }) {
    const t = useText();
    const address = `/api/v1/flows/${segment(namespace)}/${segment(name)}`;
    const flow = useResource<FlowDetail>(address);
    const form = useRef<HTMLFormElement>(null);
    const [input, setInput] = useState('');
    const [wrong, setWrong] = useState<string | null>(null);
    const [error, setError] = useState<ApiError | null>(null);
    const [busy, setBusy] = useState(false);

    async function submit() {
        const why = whyNotJson(input);
        setWrong(why === null ? null : t.flows.badJson(why));
        setError(null);
        if (why !== null) {
            focusFirstError(form.current);
            return;
        }
        setBusy(true);
        try {
            const run = await postText<Run>(`${address}/runs`, input.trim());
            announce(t.flows.started);
            go(['runs', run.id]);
        } catch (caught) {
            setBusy(false);
            if (!(caught instanceof ApiError)) {
                throw caught;
            }
            setError(caught);
        }
    }

    const title = flow.data ? runTitle(flow.data) : name;
    const back = href(['flows', namespace, name]);
    return (
        <>
            <PageHeading title={t.flows.startTitle(title)} above={<Link to={back}>{title}</Link>} />
            <p class="kern-body lead">{t.flows.startLead}</p>
            {flow.error && <ProblemAlert error={flow.error} again={flow.reload} />}
            {error && <ProblemAlert error={error} />}
            <form
                ref={form}
                class="form form--wide"
                noValidate
                onSubmit={(event) => {
                    event.preventDefault();
                    void submit();
                }}
            >
                <TextArea
                    label={t.flows.input}
                    value={input}
                    onInput={setInput}
                    rows={14}
                    mono
                    optional
                    error={wrong}
                />
                <div class="actions">
                    <Button kind="primary" type="submit" busy={busy}>
                        {t.flows.start}
                    </Button>
                    <ButtonLink to={back}>{t.common.cancel}</ButtonLink>
                </div>
            </form>
        </>
    );
}
