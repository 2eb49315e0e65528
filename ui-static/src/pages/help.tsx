import { useText } from '../i18n';
import { href } from '../router';
import { Facts, Link, PageHeading, Section } from '../ui/parts';
import { Table } from '../ui/table';

export function HelpPage() {
    const t = useText();
    return (
        <div class="prose">
            <PageHeading title={t.help.title} />
            <p class="kern-body lead">{t.help.lead}</p>
            <Section title={t.help.wordsHeading}>
                <Facts rows={t.help.words} />
            </Section>
            <Section title={t.help.keysHeading}>
                <p class="kern-body">{t.help.keysLead}</p>
                <Table
                    caption={t.help.keysHeading}
                    rows={t.help.keys}
                    id={([key]) => key}
                    columns={[
                        { head: t.help.key, cell: ([key]) => key },
                        { head: t.help.effect, cell: ([, effect]) => effect },
                    ]}
                />
            </Section>
            <Section title={t.help.liveHeading}>
                <p class="kern-body">{t.help.live}</p>
            </Section>
            <Section title={t.help.privacyHeading}>
                <p class="kern-body">{t.help.privacy}</p>
                <ul class="kern-list">
                    <li>
                        <Link to={href(['accessibility'])}>{t.help.accessibility}</Link>
                    </li>
                    <li>
                        <Link to="/licences.txt">{t.help.licences}</Link>
                    </li>
                </ul>
            </Section>
        </div>
    );
}

export function AccessibilityPage() {
    const t = useText();
    return (
        <div class="prose">
            <PageHeading title={t.access.title} />
            <p class="kern-body lead">{t.access.lead}</p>
            <Section title={t.access.stateHeading}>
                <p class="kern-body">{t.access.state}</p>
            </Section>
            <Section title={t.access.limitsHeading}>
                <ul class="kern-list kern-list--bullet">
                    {t.access.limits.map((limit) => (
                        <li key={limit}>{limit}</li>
                    ))}
                </ul>
            </Section>
            <Section title={t.access.methodHeading}>
                <p class="kern-body">{t.access.method}</p>
            </Section>
            <Section title={t.access.feedbackHeading}>
                <p class="kern-body">{t.access.feedback}</p>
            </Section>
            <Section title={t.access.enforcementHeading}>
                <p class="kern-body">{t.access.enforcement}</p>
            </Section>
        </div>
    );
}
