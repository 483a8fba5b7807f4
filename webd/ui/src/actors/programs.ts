// Programs that can be agents, as this machine has them.
import { create } from 'zustand'
import { runtimes, type Runtime } from '../wire/server'

export const usePrograms = create<{ programs: Runtime[] | null; error: string | null }>(() => ({ programs: null, error: null }))

/** Looks for programs anew. */
export async function lookForPrograms(): Promise<void> {
  try {
    usePrograms.setState({ programs: await runtimes(), error: null })
  } catch (error) {
    usePrograms.setState({ error: (error as Error).message })
  }
}

/** Words of the usual command of a program; none of one that nobody knows. */
export const usualCommand = (programs: Runtime[] | null, runtime: string): string[] =>
  [programs?.find((one) => one.name === runtime)?.command ?? []].flat()
