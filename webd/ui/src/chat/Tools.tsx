// The tools of a message: a few above its right edge, all of them in a menu, which is a sheet where fingers are.
import { useCallback, useRef } from 'react'
import { create } from 'zustand'
import { IconButton } from '../parts/Button'
import { useName } from '../parts/Chip'
import { Icon } from '../parts/Icon'
import { useOutside } from '../parts/use-outside'
import type { MessageStatus } from '../wire/contract'
import type { Message } from '../wire/events'
import { YOU } from '../wire/server'
import { say } from '../words'
import { timeOf } from '../words/time'
import { answer, copyId, copyLink, copyText, deliverAgain, openThread, quote, withdraw } from './actions'
import { receipts } from './receipt'
import './tools.css'

/** Whose menu is open; only one is. */
export const useMenu = create<{ of: string | null }>(() => ({ of: null }))

export const openMenu = (of: string | null): void => { useMenu.setState({ of }) }

interface Props {
  event: Message
  /** Where its thread begins. */
  root: string
  status: MessageStatus | undefined
}

interface Item {
  icon: string
  word: string
  act: () => void
}

function itemsOf({ event, root, status }: Props): Item[] {
  const stuck = status === undefined ? [] : receipts(status).filter(({ reached }) => reached === 'uncertain' || reached === 'failed').map(({ actor_id }) => actor_id)
  const asks = event.by === YOU && Object.values(status?.obligation_status ?? {}).some((done) => done.reply_required && !done.replied && done.cancelled !== true)
  return [
    { icon: 'st-answered', word: say('chat.do.reply'), act: () => { answer(event) } },
    { icon: 'thread', word: say('chat.do.thread'), act: () => { openThread(root, event.group_id) } },
    { icon: 'quote', word: say('chat.do.quote'), act: () => { quote(event) } },
    { icon: 'link', word: say('chat.do.link'), act: () => { copyLink(event) } },
    { icon: 'copy', word: say('chat.do.text'), act: () => { copyText(event) } },
    { icon: 'info', word: say('chat.do.id'), act: () => { copyId(event) } },
    ...(asks ? [{ icon: 'undo', word: say('chat.do.withdraw'), act: () => { withdraw(event.group_id, event.id) } }] : []),
    ...(stuck.length > 0 ? [{ icon: 'send', word: say('chat.do.deliver'), act: () => void deliverAgain(event.group_id, event.id, stuck) }] : []),
  ]
}

function Menu(props: Props) {
  const name = useName()
  const ref = useRef<HTMLDivElement>(null)
  const close = useCallback(() => { openMenu(null) }, [])
  useOutside(ref, close)
  const { event } = props
  return (
    <div className="sheetbox">
      <div className="menu tmenu" ref={ref} role="menu" aria-label={say('chat.tools', { name: name(event.by), time: timeOf(event.ts) })}>
        <p className="mh only-p">{say('chat.tools', { name: name(event.by), time: timeOf(event.ts) })}</p>
        {itemsOf(props).map(({ icon, word, act }, at) => (
          <button key={word} type="button" role="menuitem" className="mi" autoFocus={at === 0} onClick={() => { close(); act() }}><Icon name={icon} />{word}</button>
        ))}
      </div>
    </div>
  )
}

export function Tools(props: Props) {
  const { event, root } = props
  const open = useMenu((state) => state.of === event.id)
  return (
    <>
      <div className={`tools ${open ? 'open' : ''}`} role="toolbar" aria-label={say('chat.do.more')}>
        <IconButton icon="st-answered" size="s14" name={say('chat.do.reply')} onClick={() => { answer(event) }} />
        <IconButton icon="thread" size="s14" name={say('chat.do.thread')} onClick={() => { openThread(root, event.group_id) }} />
        <IconButton icon="quote" size="s14" name={say('chat.do.quote')} onClick={() => { quote(event) }} />
        <IconButton icon="link" size="s14" name={say('chat.do.link')} onClick={() => { copyLink(event) }} />
        <IconButton icon="more" size="s14" name={say('chat.do.more')} aria-haspopup="menu" aria-expanded={open} onClick={() => { openMenu(open ? null : event.id) }} />
      </div>
      {open && <Menu {...props} />}
    </>
  )
}
