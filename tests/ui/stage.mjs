// stage.mjs - an engine with flows, people and cases in every state, for the tests of the dashboard. Everything in it
// happened: the run in doubt was in the middle of a call when the engine was killed.
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from '../peers/engine.mjs';
import { until } from '../peers/process.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const flowNames = ['hundesteuer-anmeldung', 'maengelmeldung', 'adressabgleich', 'kassenbuchung'];
const flow = 'steueramt/hundesteuer-anmeldung';

/** More than one page of them. */
const FINISHED_RUNS = 60;

const people = {
  admin: { name: 'a.leitung', roles: ['admin'], password: 'kastanie-im-oktober' },
  clerk: { name: 'e.beispiel', roles: ['sachbearbeitung-steuer'], password: 'apfel-im-september' },
};

/** An application as the form sends it; all persons and dogs are invented. */
export function form(name, breed) {
  return {
    antragsteller: {
      name,
      geburtsdatum: '1987-04-12',
      email: 'antrag@example.org',
      anschrift: { strasse: 'Lindenallee', hausnummer: '14', plz: '03046', ort: 'Musterstadt' },
    },
    hund: { name: 'Bello', rasse: breed, wurfdatum: '2024-02-29', listenhund: false, haltungSeit: '2026-11-01' },
    ermaessigung: { beantragt: true, grund: 'Assistenzhund' },
    anlagen: [
      { name: 'versicherung.pdf', groesse: 182044, art: 'Haftpflichtnachweis' },
      { name: 'chip.jpg', groesse: 90233, art: 'Foto' },
    ],
    einwilligung: true,
    bemerkung: 'Der Hund kam aus dem Tierheim zu uns.\nDie Versicherung gilt seit dem Einzug.',
  };
}

/** A server that takes a booking and never answers: what a call in flight needs to be caught in the middle. */
async function silentServer() {
  let asked;
  const wasAsked = new Promise((resolve) => {
    asked = resolve;
  });
  const server = http.createServer((request) => {
    request.resume();
    asked();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/buchungen`,
    wasAsked,
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

export async function openStage() {
  const flows = {};
  for (const name of flowNames) {
    flows[`${name}.yaml`] = await readFile(join(here, 'flows', `${name}.yaml`), 'utf8');
  }
  const engine = await start({
    config: { network: { allow: ['127.0.0.1:*'] } },
    flows,
    users: Object.values(people),
  });
  try {
    return await fill(engine);
  } catch (error) {
    await engine.remove();
    throw error;
  }
}

async function fill(engine) {
  const authorization = `Bearer ${await engine.token(people.admin.name)}`;

  async function ask(method, address, body) {
    const response = await fetch(engine.url + address, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} ${address}: ${response.status} ${text}\n${engine.stderr()}`);
    }
    return JSON.parse(text);
  }
  const get = (address) => ask('GET', address);
  const post = (address, body) => ask('POST', address, body);

  const startRun = async (name, input) => (await post(`/api/v1/flows/${name}/runs`, input)).id;
  const workOf = (run) => until(`work of run ${run}`, async () => (await get(`/api/v1/work?run=${run}`)).items[0]?.id);
  const runIs = (run, status) =>
    until(`run ${run} is ${status}`, async () => (await get(`/api/v1/runs/${run}`)).status === status);

  /** `title` is "Hundesteuer: NAME". */
  async function newRun(title) {
    const run = await startRun(flow, form(title.replace('Hundesteuer: ', ''), 'Labrador-Mischling'));
    await workOf(run);
    return run;
  }
  const newWork = async (title) => workOf(await newRun(title));

  async function bookingInDoubt() {
    const cash = await silentServer();
    const run = await startRun('kasse/kassenbuchung', {
      kasse: cash.url,
      kassenzeichen: 'HS-2026-004711',
      betrag: 96.5,
    });
    await cash.wasAsked;
    await engine.kill();
    await cash.stop();
    await engine.launch();
    await until('the call is in doubt', async () => (await get(`/api/v1/runs/${run}`)).inDoubt?.length > 0);
    return run;
  }

  for (let count = 0; count < FINISHED_RUNS; count++) {
    await startRun('meldeamt/adressabgleich', { anschrift: { strasse: 'Am Markt', hausnummer: String(count + 1) } });
  }
  const faultedRun = await startRun('meldeamt/adressabgleich', {
    person: { name: 'Erika Beispiel' },
    anschrift: { strasse: 'Bahnhofstraße' },
  });
  await runIs(faultedRun, 'faulted');

  const openRun = await newRun('Hundesteuer: Erika Beispiel');
  const takenRun = await newRun('Hundesteuer: Max Mustermann');
  const takenWork = await workOf(takenRun);
  await post(`/api/v1/work/${takenWork}/claim`, {});
  const completedRun = await startRun(flow, form('Ayşe Muster', 'Zwergspitz'));
  const doneWork = await workOf(completedRun);
  await post(`/api/v1/work/${doneWork}/complete`, {
    outcome: 'genehmigen',
    reason: 'Alle Nachweise liegen vor.',
    data: null,
  });
  await runIs(completedRun, 'completed');
  // Its flow gives no time at all: overdue as soon as it is there.
  const overdueRun = await startRun('tiefbau/maengelmeldung', {
    text: 'Laterne flackert, Bahnhofstraße 3',
    kategorie: 'Straßenbeleuchtung',
    melder: null,
  });

  return {
    url: engine.url,
    people,
    form,
    get,
    post,
    newRun,
    newWork,
    /** The line to every dashboard breaks until it is mended. */
    cut: () => engine.stop(),
    mend: () => engine.launch(),
    stop: () => engine.remove(),
    cases: {
      flow,
      outcomes: ['genehmigen', 'ablehnen'],
      openWork: await workOf(openRun),
      overdueWork: await workOf(overdueRun),
      takenWork,
      doneWork,
      waitingRun: openRun,
      completedRun,
      faultedRun,
      faultTitle: 'Die Hausnummer fehlt',
      doubtfulRun: await bookingInDoubt(),
      doubtfulTask: 'Zahlung buchen',
    },
  };
}
