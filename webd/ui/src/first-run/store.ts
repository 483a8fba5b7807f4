// What a new group needs: a folder, the programs found, and a first message.
import { create } from 'zustand'
import { loadGroups } from '../rail/groups'
import { say } from '../words'
import type { Ops } from '../wire/contract'
import { addActor, attach, folders, runtimes, send, type Listing, type Runtime } from '../wire/server'

interface FirstRun {
  /** Where the group will work; null before anything was chosen. */
  path: string | null
  listing: Listing | null
  listing_error: string | null
  runtimes: Runtime[] | null
  runtimes_error: string | null
  /** Runtime names in the order they were chosen: the first one leads. */
  chosen: string[]
  /** What is being done now, in words; null when nothing is. */
  busy: string | null
  failed: string | null
  /** What is done already: trying again goes on behind it. */
  group_id: string | null
  added: string[]
}

const NEW: FirstRun = {
  path: null, listing: null, listing_error: null, runtimes: null, runtimes_error: null, chosen: [], busy: null, failed: null, group_id: null, added: [],
}

export const useFirstRun = create<FirstRun>(() => NEW)

/** Goes to a folder. A path that was typed is chosen even if it cannot be listed: making the group says whether it is one. */
export async function openFolder(path: string, typed = false): Promise<void> {
  if (typed) useFirstRun.setState({ path })
  try {
    const listing = await folders(path)
    useFirstRun.setState({ listing, path: listing.path, listing_error: null })
  } catch (error) {
    useFirstRun.setState({ listing_error: (error as Error).message })
  }
}

export function begin(): void {
  useFirstRun.setState(NEW)
  void openFolder('~')
  runtimes()
    .then((found) => { useFirstRun.setState({ runtimes: found, runtimes_error: null }) })
    .catch((error: unknown) => { useFirstRun.setState({ runtimes_error: (error as Error).message }) })
}

export function choose(name: string): void {
  useFirstRun.setState(({ chosen }) => ({ chosen: chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name] }))
}

const titled = (name: string): string => useFirstRun.getState().runtimes?.find((one) => one.name === name)?.display_name ?? name

type AddActor = Ops['actor_add']['args']

/** Runs a step under its own word; what fails says which step it was. */
async function step<T>(busy: string, what: string, work: () => Promise<T>): Promise<T> {
  useFirstRun.setState({ busy, failed: null })
  try {
    return await work()
  } catch (error) {
    useFirstRun.setState({ busy: null, failed: say('first.failed', { what, reason: (error as Error).message }) })
    throw error
  }
}

/** The ids of one start, so that a step that is tried again is not done twice. */
let client_id = crypto.randomUUID()

/** The group of the chosen folder, made once; null while none is chosen. */
async function groupHere(): Promise<string | null> {
  const { path, group_id } = useFirstRun.getState()
  if (group_id !== null || path === null) return group_id
  const made = await step(say('first.busy.attach'), say('first.what.group'), () => attach(path))
  useFirstRun.setState({ group_id: made.group_id })
  return made.group_id
}

/** Adds an actor once; gives whether it leads, and why it does not run. */
async function addOnce(key: string, title: string, actor: AddActor): Promise<{ leads: string | null; trouble: string | null }> {
  if (useFirstRun.getState().added.includes(key)) return { leads: null, trouble: null }
  const answer = await step(say('first.busy.add', { name: title }), say('first.what.actor', { name: title }), () => addActor(actor))
  useFirstRun.setState(({ added }) => ({ added: [...added, key] }))
  const trouble = answer.start_error ? say('first.what.start', { name: title, reason: answer.start_error }) : null
  return { leads: answer.actor.role === 'foreman' ? answer.actor.id : null, trouble }
}

async function sendOnce(group_id: string, text: string, to: string[]): Promise<void> {
  await step(say('first.busy.send'), say('first.what.send'), () =>
    send({ group_id, client_id, text, to, priority: 'normal', reply_required: false, reply_to: null }))
  client_id = crypto.randomUUID()
}

/** Does the steps of a start. Gives the group, or null where one failed, which has said so. */
async function started(work: (group_id: string) => Promise<string[]>): Promise<string | null> {
  try {
    const group_id = await groupHere()
    if (group_id === null) return null
    const troubles = await work(group_id)
    await loadGroups()
    useFirstRun.setState({ busy: null, failed: troubles.length > 0 ? troubles.join(' ') : null })
    return troubles.length > 0 ? null : group_id
  } catch {
    return null
  }
}

/** Makes the group, adds what was chosen, sends the message if there is one. Gives the group, or null if a step failed. */
export const start = (text: string): Promise<string | null> => started(async (group_id) => {
  let foreman = '@foreman'
  const troubles: string[] = []
  for (const name of useFirstRun.getState().chosen) {
    const { leads, trouble } = await addOnce(name, titled(name), { group_id, runtime: name, title: '' })
    foreman = leads ?? foreman
    if (trouble !== null) troubles.push(trouble)
  }
  if (text.trim() !== '') await sendOnce(group_id, text.trim(), [foreman])
  return troubles
})

/** The scripted agents of `cccc demo`, by the names that their script knows. */
const CAST = ['builder', 'reviewer']

/** The same with two agents that need no program of anybody's and no account. */
export const startDemo = (): Promise<string | null> => started(async (group_id) => {
  const troubles: string[] = []
  for (const actor_id of CAST) {
    const { trouble } = await addOnce(`demo ${actor_id}`, actor_id, { group_id, actor_id, runtime: 'custom', command: ['cccc', 'demo-agent'], title: '' })
    if (trouble !== null) troubles.push(trouble)
  }
  if (troubles.length === 0) await sendOnce(group_id, say('first.demo.text'), ['@all'])
  return troubles
})
