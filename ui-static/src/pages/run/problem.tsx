import type { Problem, Run } from '../../api/types';
import { useText } from '../../i18n';
import { Alert, Button, Facts } from '../../ui/parts';
import { stepId } from './timeline';

/** Why a run failed, in the words of the problem, with the way to the task where it happened. */
export function RunProblem({ run, error }: { run: Run; error: Problem }) {
    const t = useText();
    const index = run.tasks.findLastIndex((task) => task.reference === error.instance);
    const at = run.tasks[index];
    return (
        <Alert tone="danger" title={t.run.errorHeading}>
            <p class="kern-body kern-body--bold">{error.title}</p>
            {error.detail && <p class="kern-body wrap">{error.detail}</p>}
            <Facts
                compact
                rows={[
                    error.instance
                        ? [t.run.errorStep, at ? at.name : <span class="mono wrap">{error.instance}</span>]
                        : null,
                    [t.run.errorType, <span class="mono wrap">{error.type}</span>],
                    [t.run.errorStatus, String(error.status)],
                ]}
            />
            {at && (
                <div>
                    <Button small onClick={() => document.getElementById(stepId(index))?.focus()}>
                        {t.run.goToStep}
                    </Button>
                </div>
            )}
        </Alert>
    );
}
