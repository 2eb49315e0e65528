import { useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/client';
import { useText } from '../i18n';
import { enter, enterAgain, giveUpSession, session } from '../state/session';
import { Dialog } from '../ui/dialog';
import { focusFirstError, TextField } from '../ui/fields';
import { Alert, Button, PageHeading, useProblemText } from '../ui/parts';

function useRefusal(): (error: unknown) => string {
    const t = useText().sign;
    const describe = useProblemText();
    return (error) => {
        if (!(error instanceof ApiError)) {
            throw error;
        }
        if (error.status === 401) {
            return t.wrong;
        }
        return error.status === 429 ? t.throttled(Math.ceil((error.retryAfter ?? 60) / 60)) : describe(error);
    };
}

export function SignInPage() {
    const t = useText();
    const form = useRef<HTMLFormElement>(null);
    const [name, setName] = useState('');
    const [password, setPassword] = useState('');
    const [tried, setTried] = useState(false);
    const [busy, setBusy] = useState(false);
    const [refusal, setRefusal] = useState<string | null>(null);
    const refuse = useRefusal();

    async function submit() {
        setTried(true);
        setRefusal(null);
        if (name === '' || password === '') {
            focusFirstError(form.current);
            return;
        }
        setBusy(true);
        try {
            await enter(name, password);
        } catch (error) {
            setRefusal(refuse(error));
            setBusy(false);
        }
    }

    return (
        <div class="sign-in">
            <div class="kern-card kern-card--hug sign-in__card">
                <div class="kern-card__container">
                    <PageHeading title={t.sign.title} />
                    <p class="kern-body">{t.sign.lead}</p>
                    {refusal && <Alert tone="danger" title={refusal} urgent />}
                    <form
                        ref={form}
                        class="form"
                        noValidate
                        onSubmit={(event) => {
                            event.preventDefault();
                            void submit();
                        }}
                    >
                        <TextField
                            label={t.sign.name}
                            value={name}
                            onInput={setName}
                            autoComplete="username"
                            required
                            error={tried && name === '' ? t.sign.missingName : null}
                        />
                        <TextField
                            label={t.sign.password}
                            type="password"
                            value={password}
                            onInput={setPassword}
                            autoComplete="current-password"
                            required
                            error={tried && password === '' ? t.sign.missingPassword : null}
                        />
                        <Button kind="primary" type="submit" busy={busy} block>
                            {busy ? t.sign.busy : t.sign.submit}
                        </Button>
                    </form>
                </div>
            </div>
        </div>
    );
}

/** Over whatever somebody was doing when the session ran out; the page behind it keeps all it has. */
export function SignInAgain() {
    const t = useText();
    const name = session.get()?.user.name ?? '';
    const [password, setPassword] = useState('');
    const [busy, setBusy] = useState(false);
    const [refusal, setRefusal] = useState<string | null>(null);
    const refuse = useRefusal();

    async function submit() {
        if (password === '') {
            setRefusal(t.sign.missingPassword);
            return;
        }
        setBusy(true);
        try {
            await enterAgain(password);
        } catch (error) {
            setRefusal(refuse(error));
            setBusy(false);
        }
    }

    return (
        <Dialog
            title={t.sign.expiredTitle}
            onClose={giveUpSession}
            onSubmit={submit}
            footer={
                <>
                    <Button kind="secondary" onClick={giveUpSession}>
                        {t.sign.otherUser}
                    </Button>
                    <Button kind="primary" type="submit" busy={busy}>
                        {t.sign.submit}
                    </Button>
                </>
            }
        >
            <p class="kern-body">{t.sign.expiredLead(name)}</p>
            {/* For password managers: the name that belongs to the password. */}
            <input
                class="kern-sr-only"
                type="text"
                autoComplete="username"
                value={name}
                readOnly
                tabIndex={-1}
                aria-hidden="true"
            />
            <TextField
                label={t.sign.password}
                type="password"
                value={password}
                onInput={setPassword}
                autoComplete="current-password"
                autoFocus
                required
                error={refusal}
            />
            <p class="kern-body kern-body--small kern-body--muted">
                {t.sign.otherUser}: {t.sign.otherUserNote}
            </p>
        </Dialog>
    );
}
