// Settings of this browser, which count at once, and of the home, which wait for Save.
import { useCallback, useEffect } from 'react'
import { setTheme, useTheme, type Theme } from '../app/theme'
import { LANGUAGES, language, say, speak, type Language } from '../words'
import { LEVELS, keepObservability, loadObservability, openObservability, useObservability, type Tells } from './observability'
import { setEnterSends, setLetters, setTextSize, TEXT_SIZES, useLocal } from './local'
import { Body, HowSaving, Nothing } from './parts/Body'
import { Segments, Select, Switch } from './parts/controls'
import { PlainRow, Row } from './parts/Row'
import { useForm } from './parts/use-form'

const THEMES = ['system', 'light', 'dark'] as const
const NAMES = { developer_mode: 'general.developer', log_level: 'general.level', scrollback_lines: 'general.scrollback' } as const

function Browser() {
  const theme = useTheme((state) => state.theme)
  const { text_size, enter_sends, letters } = useLocal()
  return (
    <section>
      <h2>{say('general.browser')}</h2>
      <PlainRow name={say('language')} help={say('general.language.help')}>
        {(named) => <Select<Language> value={language()} choices={Object.entries(LANGUAGES).map(([value, name]) => ({ value: value as Language, name }))} set={speak} {...named} />}
      </PlainRow>
      <PlainRow name={say('general.theme')} help={say('general.theme.help')}>
        {(named) => <Segments<Theme> value={theme} choices={THEMES.map((value) => ({ value, name: say(`general.theme.${value}`) }))} set={setTheme} {...named} />}
      </PlainRow>
      <PlainRow name={say('general.size')} help={say('general.size.help')}>
        {(named) => (
          <Segments
            value={String(text_size)} choices={TEXT_SIZES.map((size) => ({ value: String(size), name: new Intl.NumberFormat(language(), { style: 'percent' }).format(size / 100) }))}
            set={(value) => { setTextSize(TEXT_SIZES.find((size) => String(size) === value) ?? 100) }} {...named}
          />
        )}
      </PlainRow>
      <PlainRow name={say('general.enter')} help={say(enter_sends ? 'general.enter.on' : 'general.enter.off')}>
        {(named) => <Switch on={enter_sends} set={setEnterSends} {...named} />}
      </PlainRow>
      <PlainRow name={say('general.letters')} help={say('general.letters.help')}>
        {(named) => <Switch on={letters} set={setLetters} {...named} />}
      </PlainRow>
    </section>
  )
}

export function General() {
  const { tells, version, error } = useObservability()
  useEffect(() => openObservability(), [])
  const load = useCallback(() => loadObservability(), [])
  const save = useCallback((patch: Partial<Tells>) => keepObservability(patch), [])
  const form = useForm<Tells>({ now: tells, name: (field) => say(NAMES[field]), load, save })
  const side = (
    <>
      <section className="sidesec">
        <h2>{say('general.about')}</h2>
        <dl className="kv"><dt>{say('general.version')}</dt><dd className="mono">{version ?? '–'}</dd></dl>
      </section>
      <section className="sidesec"><h2>{say('general.side')}</h2><p className="help">{say('general.side.help')}</p></section>
      <HowSaving />
    </>
  )
  return (
    <Body title={say('settings.page.home')} lead={say('general.lead')} side={side} form={form}>
      <Browser />
      <section>
        <h2>{say('general.machine')}</h2>
        {tells === null && <Nothing what={say('general.loading')} error={error && say('general.error', { reason: error })} again={() => { openObservability()() }} />}
        {tells !== null && (
          <>
            <Row form={form} field="log_level" help={say('general.level.help')}>
              {(named) => <Select value={form.value('log_level')} choices={[...new Set([...LEVELS, form.value('log_level')])].map((value) => ({ value, name: value }))} set={(value) => { form.set('log_level', value) }} {...named} />}
            </Row>
            <Row form={form} field="scrollback_lines" help={say('general.scrollback.help')}>
              {(named) => <input className="in" type="number" min={1000} max={200000} step={1000} value={form.value('scrollback_lines')} onChange={(event) => { form.set('scrollback_lines', Math.max(0, Math.round(event.target.valueAsNumber || 0))) }} {...named} />}
            </Row>
            <Row form={form} field="developer_mode" help={say('general.developer.help')} show={(value) => say(value ? 'general.on' : 'general.off')}>
              {(named) => <Switch on={form.value('developer_mode')} set={(value) => { form.set('developer_mode', value) }} {...named} />}
            </Row>
          </>
        )}
      </section>
    </Body>
  )
}
