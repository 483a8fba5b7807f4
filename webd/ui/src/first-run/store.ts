// What a new group needs: a folder, the programs found, and a first message.
import { create } from 'zustand'
import { loadGroups } from '../rail/groups'
import { say } from '../words'
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

/** Makes the group, adds what was chosen, sends the message if there is one. Gives the group, or null if a step failed. */
export async function start(text: string): Promise<string | null> {
  try {
    const { path, chosen } = useFirstRun.getState()
    let { group_id } = useFirstRun.getState()
    if (group_id === null) {
      if (path === null) return null
      const made = await step(say('first.busy.attach'), say('first.what.group'), () => attach(path))
      group_id = made.group_id
      useFirstRun.setState({ group_id })
    }
    const group = group_id
    let foreman: string | null = null
    const troubles: string[] = []
    for (const name of chosen) {
      if (useFirstRun.getState().added.includes(name)) continue
      const title = titled(name)
      const answer = await step(say('first.busy.add', { name: title }), say('first.what.actor', { name: title }), () =>
        addActor({ group_id: group, runtime: name, title: '' }))
      if (answer.actor.role === 'foreman') foreman = answer.actor.id
      if (answer.start_error) troubles.push(say('first.what.start', { name: title, reason: answer.start_error }))
      useFirstRun.setState(({ added }) => ({ added: [...added, name] }))
    }
    if (text.trim() !== '') {
      const to = foreman ?? '@foreman'
      await step(say('first.busy.send'), say('first.what.send'), () =>
        send({ group_id: group, client_id, text: text.trim(), to: [to], priority: 'normal', reply_required: false, reply_to: null }))
      client_id = crypto.randomUUID()
    }
    await loadGroups()
    if (troubles.length > 0) {
      useFirstRun.setState({ busy: null, failed: troubles.join(' ') })
      return null
    }
    useFirstRun.setState({ busy: null })
    return group
  } catch {
    return null // The failed step has said so.
  }
}
