// A folder of this machine: its path by hand, or by walking through folders.
import { useState, type KeyboardEvent } from 'react'
import { Icon } from '../parts/Icon'
import { folders, type Listing } from '../wire/server'
import { say } from '../words'

interface Props {
  path: string
  set: (path: string) => void
  name: string
  disabled?: boolean
}

export function FolderField({ path, set, name, disabled = false }: Props) {
  const [listing, setListing] = useState<Listing | null>(null)
  const [error, setError] = useState<string | null>(null)
  const look = (at: string): void => {
    folders(at === '' ? '~' : at)
      .then((found) => {
        setListing(found)
        setError(null)
        set(found.path)
      })
      .catch((cause: unknown) => { setError((cause as Error).message) })
  }
  const key = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    look(path)
  }
  const parent = listing?.parent ?? null
  const inside = listing?.items.filter((item) => item.is_dir) ?? []
  return (
    <div className="part">
      <div className="row">
        <input className="in mono" dir="ltr" spellCheck={false} aria-label={name} placeholder={name} value={path} disabled={disabled} onChange={(event) => { set(event.target.value) }} onKeyDown={key} />
        <button type="button" className="btn lg" disabled={disabled} onClick={() => { look(path) }}>{say('groups.folder.look')}</button>
      </div>
      {error !== null && <p className="err" role="alert">{say('first.folder.error', { reason: error })}</p>}
      {listing !== null && (
        <div className="card">
          <div className="crumb">
            {parent !== null && parent !== listing.path && <button type="button" aria-label={say('first.folder.up')} title={say('first.folder.up')} onClick={() => { look(parent) }}><Icon name="left" size="s14" /></button>}
            <b className="b6 clip" dir="ltr">{listing.path}</b>
          </div>
          <div className="scroll dirs">
            {inside.map((item) => (
              <button key={item.path} type="button" className="lrow" onClick={() => { look(item.path) }}><Icon name="folder" /><span className="b5 clip">{item.name}</span></button>
            ))}
            {inside.length === 0 && <p className="help pad">{say('first.folder.none')}</p>}
          </div>
        </div>
      )}
    </div>
  )
}
