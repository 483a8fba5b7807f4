// The command that will run, its risky words in amber, and what they mean.
import { Icon } from '../parts/Icon'
import { say } from '../words'
import { isRisky, join, risks } from './command'

interface Props {
  words: string[] | null
  headless: boolean
  folder: string | null
  /** Whether there is a choice beside it that leaves risky words out. */
  choice: boolean
}

export function WillRun({ words, headless, folder, choice }: Props) {
  const risky = words === null ? [] : risks(words)
  return (
    <section className="sidesec">
      <h2>{say('actors.will')}</h2>
      {headless && <p className="help">{say('actors.will.headless')}</p>}
      {!headless && words !== null && words.length === 0 && <p className="note warn"><Icon name="alert" /><span>{say('actors.will.none')}</span></p>}
      {!headless && words !== null && words.length > 0 && (
        <div className="cmd" dir="ltr">
          {words.map((word, at) => (
            <span key={at}>{at > 0 && ' '}{risky[at] ? <mark className="fl">{join([word])}</mark> : join([word])}</span>
          ))}
        </div>
      )}
      {!headless && words === null && <p className="err">{say('actors.command.quote')}</p>}
      {!headless && folder !== null && <p className="help brk">{say('actors.will.in', { path: folder })}</p>}
      {!headless && words !== null && isRisky(words) && (
        <div className="note warn"><Icon name="alert" /><div><b className="b6">{say('actors.risky')}</b> {say(choice ? 'actors.risky.help' : 'actors.risky.part')}</div></div>
      )}
    </section>
  )
}

/** How messages come to it. */
export function HowReached({ headless }: { headless: boolean }) {
  return (
    <section className="sidesec">
      <h2>{say('actors.reach')}</h2>
      <dl className="kv">
        <dt>{say('actors.reach.way')}</dt><dd>{say(headless ? 'actors.reach.way.headless' : 'actors.reach.way.pty')}</dd>
        {!headless && <><dt>{say('actors.reach.never')}</dt><dd>{say('actors.reach.never.pty')}</dd></>}
        <dt>{say('actors.reach.proof')}</dt><dd>{say(headless ? 'actors.reach.proof.headless' : 'actors.reach.proof.pty')}</dd>
      </dl>
    </section>
  )
}
