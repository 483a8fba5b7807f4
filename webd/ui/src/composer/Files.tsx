// The files of a draft as chips, and what takes files that are dropped.
import { useState, type DragEvent, type ReactNode } from 'react'
import { Icon } from '../parts/Icon'
import { sizeOf } from '../parts/size'
import { BLOB_BYTES_MAX, SENT_FILES_BYTES_MAX } from '../wire/files'
import { say } from '../words'
import { addFiles, removeFile, useFiles } from './files'
import './composer.css'

export function Files({ of }: { of: string }) {
  const files = useFiles((state) => state[of])
  if (!files?.length) return null
  return (
    <div className="cfiles">
      <ul aria-label={say('compose.files')}>
        {files.map(({ id, file, refused }) => (
          <li key={id} className={`file ${refused === null ? '' : 'no'}`}>
            <Icon name={refused === null ? 'file' : 'alert'} size="s14" />
            <span className="clip" dir="auto">{file.name}</span>
            {refused === null ? <span className="m3">{sizeOf(file.size)}</span> : <span role="alert">{refused}</span>}
            <button type="button" className="px" aria-label={say('compose.files.remove', { name: file.name })} title={say('compose.files.remove', { name: file.name })} onClick={() => { removeFile(of, id) }}>
              <Icon name="x" size="s12" />
            </button>
          </li>
        ))}
      </ul>
      <span className="m3">{say('compose.files.reload')}</span>
    </div>
  )
}

const hasFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes('Files')

/** A part of the page on which files can be dropped for a composer. */
export function Drop({ of, children }: { of: string; children: ReactNode }) {
  const [over, setOver] = useState(false)
  return (
    <div
      className={`dropbox ${over ? 'over' : ''}`}
      onDragOver={(event) => {
        if (!hasFiles(event)) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={(event) => { if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false) }}
      onDrop={(event) => {
        if (!hasFiles(event)) return
        event.preventDefault()
        setOver(false)
        addFiles(of, event.dataTransfer.files)
      }}
    >
      {children}
      {over && <div className="dropword"><Icon name="attach" />{say('compose.files.drop', { one: sizeOf(BLOB_BYTES_MAX), all: sizeOf(SENT_FILES_BYTES_MAX) })}</div>}
    </div>
  )
}
