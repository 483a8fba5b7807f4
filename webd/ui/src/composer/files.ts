// Files that wait in a composer. They stay in memory only: a reload forgets them.
import { create } from 'zustand'
import { say } from '../words'
import { sizeOf } from '../parts/size'
import { ATTACHMENTS_MAX, BLOB_BYTES_MAX, SENT_FILES_BYTES_MAX } from '../wire/files'

/** A file beside a draft; one that is refused stays, with the reason, until it is taken out. */
export interface Attached {
  id: string
  file: File
  refused: string | null
}

export const useFiles = create<Record<string, Attached[]>>(() => ({}))

/** Those that will be sent. */
export const sendable = (files: Attached[]): File[] => files.filter(({ refused }) => refused === null).map(({ file }) => file)

/** Why a file cannot be one of those; null when it can. Pure. */
export function refusal(file: { size: number }, others: { size: number }[]): 'empty' | 'large' | 'many' | 'total' | null {
  if (file.size === 0) return 'empty'
  if (file.size > BLOB_BYTES_MAX) return 'large'
  if (others.length >= ATTACHMENTS_MAX) return 'many'
  const total = others.reduce((sum, { size }) => sum + size, file.size)
  return total > SENT_FILES_BYTES_MAX ? 'total' : null
}

const WORDS = {
  empty: () => say('compose.files.empty'),
  large: (file: File) => say('compose.files.large', { size: sizeOf(file.size), most: sizeOf(BLOB_BYTES_MAX) }),
  many: () => say('compose.files.many', { most: ATTACHMENTS_MAX }),
  total: () => say('compose.files.total', { most: sizeOf(SENT_FILES_BYTES_MAX) }),
}

let last = 0

export function addFiles(key: string, files: Iterable<File>): void {
  const all = [...(useFiles.getState()[key] ?? [])]
  for (const file of files) {
    last += 1
    const why = refusal(file, sendable(all))
    all.push({ id: `${last}`, file, refused: why === null ? null : WORDS[why](file) })
  }
  useFiles.setState({ [key]: all })
}

export function removeFile(key: string, id: string): void {
  useFiles.setState((state) => ({ [key]: (state[key] ?? []).filter((one) => one.id !== id) }))
}

/** Takes out what was sent; what was refused stays until somebody has seen it. */
export function dropFiles(key: string): void {
  if (useFiles.getState()[key]?.length) useFiles.setState((state) => ({ [key]: (state[key] ?? []).filter(({ refused }) => refused !== null) }))
}
