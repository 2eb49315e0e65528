import type { Connector, Json, List, Operation } from '../api/types';
import { language, useText, type Language } from '../i18n';
import { useResource } from '../state/resource';
import { useStore } from '../state/store';
import { Badge, Empty, Loading, PageHeading, ProblemAlert, Section } from '../ui/parts';
import { Source } from '../ui/source';
import { Table } from '../ui/table';
import { isNested } from '../ui/tree';

export function ConnectorsPage() {
    const t = useText();
    const connectors = useResource<List<Connector>>('/api/v1/connectors');
    return (
        <>
            <PageHeading title={t.connectors.title} />
            <p class="kern-body lead">{t.connectors.lead}</p>
            {connectors.error && <ProblemAlert error={connectors.error} again={connectors.reload} />}
            {!connectors.data && !connectors.error && <Loading />}
            {connectors.data?.items.length === 0 && <Empty>{t.connectors.empty}</Empty>}
            {connectors.data?.items.map((connector) => (
                <OneConnector key={connector.name} connector={connector} />
            ))}
        </>
    );
}

function useHelp(): (of: { help: string; helpGerman: string }) => string {
    const shown = useStore(language);
    return (of) => (shown === 'de' ? of.helpGerman || of.help : of.help);
}

function OneConnector({ connector }: { connector: Connector }) {
    const t = useText();
    const help = useHelp();
    return (
        <Section
            title={connector.name}
            aside={<span class="muted">{t.connectors.operations(connector.operations.length)}</span>}
        >
            <p class="kern-body lead">{help(connector)}</p>
            <div>
                {connector.operations.map((operation) => (
                    <details class="kern-accordion" key={operation.name}>
                        <summary class="kern-accordion__header">
                            <span class="kern-title kern-title--small">
                                <span class="mono">{operation.name}</span>
                                <span class="operation__help">{help(operation)}</span>
                            </span>
                        </summary>
                        <div class="kern-accordion__body">
                            <OperationHelp operation={operation} />
                        </div>
                    </details>
                ))}
            </div>
        </Section>
    );
}

function OperationHelp({ operation }: { operation: Operation }) {
    const t = useText();
    return (
        <div class="operation">
            {operation.traits.length > 0 && (
                <ul class="badges" aria-label={t.connectors.traits}>
                    {operation.traits.map((trait) => (
                        <li key={trait}>
                            <Badge tone={trait === 'unsafe-twice' ? 'warning' : 'neutral'} icon="info">
                                {t.connectors.trait[trait] ?? trait}
                            </Badge>
                        </li>
                    ))}
                </ul>
            )}
            <SchemaTable title={t.connectors.input} schema={operation.input} />
            <SchemaTable title={t.connectors.output} schema={operation.output} />
            {operation.sample && (
                <>
                    <h3 class="kern-heading-small">{t.connectors.sample}</h3>
                    <Source text={operation.sample} name={`${t.connectors.sample}: ${operation.name}`} />
                </>
            )}
        </div>
    );
}

interface Field {
    name: string;
    type: string;
    isRequired: boolean;
    description: string;
}

const asObject = (value: Json | undefined): { [key: string]: Json } =>
    value !== undefined && isNested(value) && !Array.isArray(value) ? value : {};

function typeOf(schema: { [key: string]: Json }): string {
    if (Array.isArray(schema['enum'])) {
        return schema['enum'].map((value) => JSON.stringify(value)).join(' | ');
    }
    const type = schema['type'];
    if (type === 'array') {
        return `array<${typeOf(asObject(schema['items']))}>`;
    }
    return Array.isArray(type)
        ? type.map((one) => JSON.stringify(one)).join(' | ')
        : typeof type === 'string'
          ? type
          : 'any';
}

/** Our own operations say it in German as well. */
function meaningOf(field: { [key: string]: Json }, shown: Language): string {
    const said = (shown === 'de' ? field['x-description-de'] : undefined) ?? field['description'];
    return typeof said === 'string' ? said : '';
}

function fieldsOf(schema: Json, shown: Language): Field[] {
    const outer = asObject(schema);
    const required = Array.isArray(outer['required']) ? outer['required'] : [];
    return Object.entries(asObject(outer['properties'])).map(([name, inner]) => {
        const field = asObject(inner);
        return {
            name,
            type: typeOf(field),
            isRequired: required.includes(name),
            description: meaningOf(field, shown),
        };
    });
}

function SchemaTable({ title, schema }: { title: string; schema: Json }) {
    const t = useText();
    const fields = fieldsOf(schema, useStore(language));
    return (
        <div>
            <h3 class="kern-heading-small">{title}</h3>
            {fields.length === 0 ? (
                <Empty>{t.connectors.noFields}</Empty>
            ) : (
                <Table
                    caption={title}
                    rows={fields}
                    id={(field) => field.name}
                    columns={[
                        { head: t.connectors.field, cell: (field) => <span class="mono">{field.name}</span> },
                        { head: t.connectors.type, cell: (field) => <span class="mono">{field.type}</span> },
                        {
                            head: t.connectors.required,
                            cell: (field) => (field.isRequired ? t.common.yes : t.common.no),
                        },
                        { head: t.connectors.meaning, cell: (field) => field.description || '–' },
                    ]}
                />
            )}
        </div>
    );
}
