// Files of messages: how they are sent with one, and where they are read.
import type { Event } from './contract'
import { opened, Refusal, tell } from './http'
import type { Outgoing } from './server'

/** Limits of the server, by their names in its contract. */
export const ATTACHMENTS_MAX = 64
export const BLOB_BYTES_MAX = 20 * 1024 * 1024
export const SENT_FILES_BYTES_MAX = 100 * 1024 * 1024

/** A message with files counts as unanswered when nothing moves for so long. */
const SILENCE_MS_MAX = 30_000

/** The address of a stored file. */
export function fileHref(group_id: string, path: string): string {
  const name = path.split('/').at(-1) ?? path
  return `/api/v1/groups/${encodeURIComponent(group_id)}/blobs/${encodeURIComponent(name)}`
}

function formOf(message: Outgoing, files: File[]): FormData {
  const form = new FormData()
  form.set('text', message.text)
  form.set('to_json', JSON.stringify(message.to))
  form.set('priority', message.priority)
  form.set('reply_required', String(message.reply_required))
  form.set('client_id', message.client_id)
  if (message.reply_to !== null) form.set('reply_to', message.reply_to)
  for (const file of files) form.append('files', file, file.name)
  return form
}

/** Sends a message with files; `progress` hears which share of them is on its way, from 0 to 1. */
export function sendFiles(message: Outgoing, files: File[], progress: (share: number) => void): Promise<Event> {
  const group = encodeURIComponent(message.group_id)
  const path = message.reply_to === null ? `/api/v1/groups/${group}/send_upload` : `/api/v1/groups/${group}/reply_upload`
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    let silence: ReturnType<typeof setTimeout> | undefined
    const moved = (): void => {
      clearTimeout(silence)
      silence = setTimeout(() => { request.abort() }, SILENCE_MS_MAX)
    }
    const lost = (): void => {
      clearTimeout(silence)
      tell('no_answer')
      reject(new Refusal('no_answer', 'no answer', 0))
    }
    request.upload.onprogress = ({ loaded, total }) => {
      moved()
      progress(total > 0 ? loaded / total : 0)
    }
    request.onload = () => {
      clearTimeout(silence)
      try {
        resolve(opened<{ event: Event }>(JSON.parse(request.responseText) as never, request.status).event)
      } catch (error) {
        if (error instanceof Refusal) reject(error)
        else lost()
      }
    }
    request.onerror = lost
    request.onabort = lost
    request.open('POST', path)
    request.send(formOf(message, files))
    moved()
  })
}
