// The files of a message: pictures in the text, with their room kept, and chips for everything else.
import { useState } from 'react'
import { Icon } from '../parts/Icon'
import { sizeOf } from '../parts/size'
import type { Attachment } from '../wire/contract'
import { fileHref } from '../wire/files'
import { say } from '../words'
import './attachments.css'

const isPicture = (file: Attachment): boolean => file.mime_type.startsWith('image/') && !file.mime_type.includes('svg')

/** Sizes of pictures that were shown once: their room is right when they come back into the list. */
const known = new Map<string, { width: number; height: number }>()

function Picture({ group_id, file }: { group_id: string; file: Attachment }) {
  const [size, setSize] = useState(known.get(file.path))
  const [broken, setBroken] = useState(false)
  const href = fileHref(group_id, file.path)
  if (broken) return <Chip group_id={group_id} file={file} />
  return (
    <a className={`shot ${size ? '' : 'unknown'}`} href={href} target="_blank" rel="noopener noreferrer" title={say('file.open', { name: file.title || file.path, size: sizeOf(file.bytes) })}>
      <img
        src={href} alt={say('file.image', { name: file.title || file.path })} loading="lazy" decoding="async" {...size}
        onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) => {
          known.set(file.path, { width, height })
          setSize({ width, height })
        }}
        onError={() => { setBroken(true) }}
      />
    </a>
  )
}

function Chip({ group_id, file }: { group_id: string; file: Attachment }) {
  return (
    <a className="file" href={fileHref(group_id, file.path)} target="_blank" rel="noopener noreferrer">
      <Icon name="file" size="s14" /><span className="clip" dir="auto">{file.title || file.path}</span><span className="m3">{sizeOf(file.bytes)}</span>
    </a>
  )
}

export function Attachments({ group_id, files }: { group_id: string; files: Attachment[] }) {
  if (files.length === 0) return null
  return (
    <div className="files">
      {files.filter(isPicture).map((file) => <Picture key={file.path} group_id={group_id} file={file} />)}
      {files.filter((file) => !isPicture(file)).map((file) => <Chip key={file.path} group_id={group_id} file={file} />)}
    </div>
  )
}

/** Words the server puts where a message has files only. */
const FILES_ONLY = /^\[files?\] /

export const saysFilesOnly = (data: { text: string; attachments: unknown[] }): boolean =>
  data.attachments.length > 0 && FILES_ONLY.test(data.text) && !data.text.includes('\n')
