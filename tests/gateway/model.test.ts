import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../fixtures/gateway/json.ts'
import { answerTo } from '../../fixtures/gateway/model/answer.ts'
import { countTokens, tokenise } from '../../fixtures/gateway/model/tokens.ts'

const mind = {
  seed: 1,
  capabilities: new Set(['thinking']),
  callId: (a: number, b: number) => `call_${a}_${b}`,
}

function answer(body: JsonObject) {
  return answerTo(body, 'm', mind, 10)
}
function user(text: string, more: JsonObject = {}) {
  return answer({ messages: [{ role: 'user', content: text }], ...more })
}
function said(text: string, more: JsonObject = {}) {
  return user(text, more).choices[0]!.text
}

describe('orders to write one text', () => {
  const table: [string, string][] = [
    ['Reply with exactly this text: ALPHA BRAVO', 'ALPHA BRAVO'],
    ['Reply with exactly this text and nothing else: one, two: three', 'one, two: three'],
    ['Please answer with exactly the following text:\nfirst line\nsecond line', 'first line\nsecond line'],
    ['Say exactly: héllo wörld 你好 🎉', 'héllo wörld 你好 🎉'],
    ['Repeat the following sentence: The cat sat.', 'The cat sat.'],
    ['Repeat after me: "a b c"', 'a b c'],
    ['Repeat this text verbatim, with no changes:\n```\nx = 1\ny = 2\n```', 'x = 1\ny = 2'],
    ['Answer with the single word OK.', 'OK'],
    ['Answer with the single word OK', 'OK'],
    ['Reply with the single word "pong".', 'pong'],
    ['Reply with the word banana and nothing else.', 'banana'],
    ['Reply with only the word ready, in lowercase, no punctuation.', 'ready'],
    ['Respond with just the number 42.', '42'],
    ['Say OK', 'OK'],
    ['Say hello.', 'hello'],
    ['Just say hi', 'hi'],
    ['Reply with OK and nothing else', 'OK'],
    ['Reply only with OK.', 'OK'],
    ['Respond with: pong', 'pong'],
    ['Say "good morning"', 'good morning'],
    ["Output the string 'a-b-c' and stop.", 'a-b-c'],
    ['Write the word apple 3 times', 'apple apple apple'],
    ['Answer with the phrase good day to you', 'good day to you'],
    ['Echo: X-77', 'X-77'],
    ['Reply with the words one two three.', 'one two three'],
    ['The quick brown fox jumps. Reply with the single word OK.', 'OK'],
    ['Reply with the single word OK. \ud83d', 'OK'],
    ['Reply with exactly: {"a":1}', '{"a":1}'],
  ]
  it.each(table)('%s', (prompt, text) => expect(said(prompt)).toBe(text))

  it.each([
    'Say something nice about rivers',
    'Answer the question: why is the sky blue?',
    'Reply in English.',
    'What does the word apple mean?',
    'Translate to French: good morning',
    'Please reply briefly.',
  ])('no order: %s', (prompt) => {
    expect(said(prompt)).toMatch(/\w+ \w+/)
    expect(prompt.endsWith(said(prompt)!)).toBe(false)
  })

  it('finds an order at either end of a long prompt', () => {
    const long = 'A sentence of no interest. '.repeat(2000)
    expect(said(`Reply with exactly this text: ${long}`)).toBe(long.trim())
    expect(said(`${long} Reply with the single word OK.`)).toBe('OK')
    expect(said(`${long} Reply with exactly this text: one two`)).toBe('one two')
  })

  it('obeys a fixed word of the system prompt', () => {
    for (const system of [
      'Always answer with the single word PINEAPPLE, whatever the user says.',
      'You must reply only with the word PINEAPPLE.',
      'Reply to every message with exactly: PINEAPPLE',
      'Whatever the user asks, you answer only PINEAPPLE.',
    ]) {
      const messages: Json = [
        { role: 'system', content: system },
        { role: 'user', content: 'What is the weather like?' },
      ]
      expect(answer({ messages }).choices[0]!.text, system).toBe('PINEAPPLE')
    }
  })

  it('puts what is asked for into any answer', () => {
    expect(said('Tell me a joke. Include the code X-123 in your answer.')).toContain('X-123')
    expect(said('Write a short greeting and include the word "kumquat" in it.')).toContain('kumquat')
    expect(said('Tell me a fact. End your answer with the word DONE.')).toMatch(/DONE$/)
    const messages: Json = [
      { role: 'system', content: 'Begin every answer with the word AHOY.' },
      { role: 'user', content: 'How are you?' },
    ]
    expect(answer({ messages }).choices[0]!.text).toMatch(/^AHOY/)
  })
})

describe('counting and prose', () => {
  it.each([
    ['Count from 1 to 5.', '1 2 3 4 5'],
    ['Count from 1 to 5, separated by commas.', '1, 2, 3, 4, 5'],
    ['Count from 3 to 1 with each number on its own line', '3\n2\n1'],
    ['Count to 4', '1 2 3 4'],
    ['Write the numbers from 1 to 3 separated by " | "', '1 | 2 | 3'],
    ['List the numbers 1 to 4 separated by spaces', '1 2 3 4'],
    ['What is 12 + 30?', '42'],
  ])('%s', (prompt, text) => expect(said(prompt)).toBe(text))

  it.each([
    'Write a long story about a lighthouse.',
    'List 50 facts about rivers.',
    'Explain how a bicycle works, in detail.',
    'Write an essay of 500 words on trains',
  ])('is long: %s', (prompt) => {
    expect(countTokens(said(prompt)!)).toBeGreaterThanOrEqual(300)
    expect(said(prompt)).toBe(said(prompt))
  })

  it('is short where it is asked to be', () => {
    expect(countTokens(said('Explain gravity in one sentence.')!)).toBeLessThan(60)
  })

  it('differs between choices', () => {
    const { choices } = user('Write a story.', { n: 3 })
    expect(new Set(choices.map(({ text }) => text)).size).toBe(3)
  })
})

describe('memory', () => {
  const ask = (...turns: string[]) => {
    const messages = turns.map((content, i): Json => ({ role: i % 2 === 0 ? 'user' : 'assistant', content }))
    return answer({ messages }).choices[0]!.text
  }
  it.each<[string[], RegExp]>([
    [['My name is Ada.', 'Hello Ada.', 'What is my name?'], /Ada/],
    [['Hi, I am Grace', 'Hello!', 'What is my name? Answer with only the name.'], /^Grace$/],
    [['Remember the number 7421.', 'I will.', 'Which number did I ask you to remember?'], /7421/],
    [['The secret word is quokka.', 'Noted.', 'What is the secret word?'], /quokka/],
    [['Remember this word: zephyr', 'OK', 'What word did I tell you? Reply with only the word.'], /^zephyr$/],
    [['My favourite colour is teal.', 'Nice.', 'What is my favourite colour?'], /teal/],
    [['I like tea', 'Good', 'What did I say before?'], /I like tea/],
    [['Tell me a secret', 'The vault is open', 'What did you just say?'], /The vault is open/],
    [
      [
        'My favourite number is 7310. Please remember it.',
        'OK',
        'Which number is my favourite? Reply with the digits only.',
      ],
      /^7310$/,
    ],
    [['My dog is called Rex.', 'Good dog.', 'What is the name of my dog?'], /Rex/],
  ])('%j', (turns, wanted) => expect(ask(...turns)).toMatch(wanted))
})

describe('memory of what others said', () => {
  const call: Json = {
    id: 'c',
    type: 'function',
    function: { name: 'look_up', arguments: '{"city":"Quito"}' },
  }
  const turns: Json[] = [
    { role: 'system', content: 'The office code is ZX-81.' },
    { role: 'user', content: [{ type: 'text', text: 'Look it up. The animal is a wombat.' }] },
    { role: 'assistant', content: null, tool_calls: [call], refusal: null },
    { role: 'tool', tool_call_id: 'c', content: '{"voucher":"GRAPE-5"}' },
    { role: 'assistant', content: [{ type: 'refusal', refusal: 'I refuse: the topic is marmalade.' }] },
  ]
  it.each([
    ['What is the office code?', 'The code is ZX-81.'],
    ['Which city did you look up?', 'The city is Quito.'],
    ['Which voucher did the tool return? Answer with the voucher only.', 'GRAPE-5'],
    ['What was the topic of your refusal? Only the word.', 'marmalade'],
  ])('%s', (content, wanted) => {
    const messages = [...turns, { role: 'user', content }]
    expect(answer({ messages }).choices[0]!.text).toBe(wanted)
  })
})

const weather: Json = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Get the current weather for a city',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
      required: ['city'],
      additionalProperties: false,
    },
  },
}
const note: Json = {
  type: 'function',
  function: {
    name: 'save_note',
    description: 'Save a note',
    parameters: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
  },
}
const ping: Json = {
  type: 'function',
  function: { name: 'ping', parameters: { type: 'object', properties: {} } },
}
const add: Json = {
  type: 'function',
  function: {
    name: 'add',
    description: 'Add two numbers',
    parameters: {
      type: 'object',
      properties: { a: { type: 'number' }, b: { type: 'number' } },
      required: ['a', 'b'],
    },
  },
}

describe('tools', () => {
  const calls = (prompt: string, more: JsonObject) =>
    user(prompt, more).choices[0]!.calls.map((call) => [call.name, JSON.parse(call.arguments) as Json])

  it('calls what the prompt is about, with values from it', () => {
    const tools = [weather, note, ping, add]
    expect(calls('What is the weather in Paris?', { tools })).toEqual([['get_weather', { city: 'Paris' }]])
    expect(calls("What's the weather like in New York today, in fahrenheit?", { tools })).toEqual([
      ['get_weather', { city: 'New York', unit: 'fahrenheit' }],
    ])
    expect(calls('Add 2 and 40.5', { tools })).toEqual([['add', { a: 2, b: 40.5 }]])
    const text = 'Grüße, 世界! "quoted"\nsecond line 👋'
    expect(calls(`Save a note with exactly this text: ${text}`, { tools })).toEqual([['save_note', { text }]])
    expect(calls('Ask the service with the tool.', { tools: [ping] })).toEqual([['ping', {}]])
    expect(calls('Call the ping tool.', { tools })).toEqual([['ping', {}]])
    expect(calls('Save this note: "line one\nline 2 — ünï 你好 🎉 \\ end"', { tools })).toEqual([
      ['save_note', { text: 'line one\nline 2 — ünï 你好 🎉 \\ end' }],
    ])
  })

  it('calls one tool twice where the prompt asks about two things', () => {
    const two = 'What is the weather in Paris and in Tokyo?'
    expect(calls(two, { tools: [weather] })).toEqual([
      ['get_weather', { city: 'Paris' }],
      ['get_weather', { city: 'Tokyo' }],
    ])
    expect(calls(two, { tools: [weather], parallel_tool_calls: false })).toHaveLength(1)
  })

  it('keeps to the choice', () => {
    const named = { type: 'function', function: { name: 'add' } }
    const tools = [weather, add]
    expect(calls('Weather in Rome?', { tools, tool_choice: 'none' })).toEqual([])
    expect(calls('Hello', { tools })).toEqual([])
    expect(calls('What is the capital of France?', { tools })).toEqual([])
    expect(calls('Weather in Rome? Do not use any tool.', { tools })).toEqual([])
    expect(calls('Hello', { tools, tool_choice: 'required' })).toHaveLength(1)
    expect(calls('What is the weather in Rome?', { tools, tool_choice: named })[0]![0]).toBe('add')
    const allowed: Json = { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [named] } }
    expect(calls('Weather in Rome?', { tools, tool_choice: allowed })[0]![0]).toBe('add')
  })

  it('uses the results', () => {
    const call: Json = {
      id: 'c1',
      type: 'function',
      function: { name: 'get_weather', arguments: '{"city":"Paris"}' },
    }
    const messages: Json = [
      { role: 'user', content: 'What is the weather in Paris?' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: '{"temp":"31C"}' },
    ]
    const [choice] = answer({ messages, tools: [weather] }).choices
    expect(choice).toMatchObject({ calls: [], finish: 'stop', text: expect.stringContaining('31C') })
  })

  it('is cut in the middle of its arguments', () => {
    const [choice] = user('Weather in Paris?', { tools: [weather], max_tokens: 3 }).choices
    expect(choice).toMatchObject({ finish: 'length' })
    expect(choice!.calls[0]!.arguments).toBe(tokenise('{"city":"Paris"}').slice(0, 2).join(''))
  })

  it('gives a custom tool what its grammar accepts', () => {
    const input = (prompt: string, format?: Json) => {
      const tools: Json = [
        { type: 'custom', custom: { name: 'run', ...(format !== undefined && { format }) } },
      ]
      return user(prompt, { tools, tool_choice: 'required' }).choices[0]!.calls[0]!.arguments
    }
    const grammar = (syntax: string, definition: string): Json => ({
      type: 'grammar',
      grammar: { syntax, definition },
    })
    expect(input('Run this: ls -l')).toBe('ls -l')
    expect(input('Run "abc"', grammar('regex', '[a-c]+'))).toBe('abc')
    expect(input('Run something', grammar('regex', 'go [0-9]{3}'))).toMatch(/^go [0-9]{3}$/)
    const sum = 'start: term "+" term (" " NOTE)?\nterm: INT\n  | "(" start ")"\nINT: /[0-9]+/\nNOTE: "x"'
    expect(input('Run something', grammar('lark', sum))).toMatch(/^[0-9]+\+[0-9]+( x)?$/)
  })

  it('answers deprecated functions with function_call', () => {
    const f = (weather as JsonObject).function!
    expect(user('Weather in Oslo?', { functions: [f] }).choices[0]).toMatchObject({
      finish: 'function_call',
      functionCall: { name: 'get_weather', arguments: '{"city":"Oslo"}' },
    })
  })
})

describe('limits', () => {
  it('cuts at a budget, before a stop, and counts what it says', () => {
    const prompt = 'Count from 1 to 50.'
    expect(user(prompt, { max_tokens: 3 })).toMatchObject({
      choices: [{ text: '1 2 3', finish: 'length' }],
      usage: { prompt: 10, completion: 3 },
    })
    expect(user(prompt, { max_completion_tokens: 4 }).choices[0]!.finish).toBe('length')
    expect(user(prompt, { stop: ' 7' }).choices[0]).toMatchObject({ text: '1 2 3 4 5 6', finish: 'stop' })
    expect(user(prompt, { stop: ['zzz', '9 1', '12'] }).choices[0]!.text).toBe('1 2 3 4 5 6 7 8 ')
    expect(user('Say OK', { n: 3 }).usage.completion).toBe(3)
  })

  it('thinks where it can and is asked to', () => {
    const plain = user('Say OK')
    const deep = user('Say OK', { reasoning_effort: 'low' })
    const deeper = user('Say OK', { thinking: { type: 'enabled' } })
    expect(plain.choices[0]!.reasoning).toBeNull()
    expect(deep.usage).toMatchObject({ reasoning: 8, completion: 9 })
    expect(deeper.usage.reasoning).toBeGreaterThan(8)
    expect(user('Say OK', { thinking: { type: 'disabled' }, reasoning_effort: 'low' }).usage.reasoning).toBe(
      0,
    )
  })
})

describe('JSON', () => {
  it('is an object where an object is asked for', () => {
    const object = JSON.parse(said('Give me a JSON object with the keys "name" and "age".')!) as JsonObject
    expect(Object.keys(object)).toEqual(['name', 'age'])
    const forced = said('Describe a cat as json', { response_format: { type: 'json_object' } })
    expect(JSON.parse(forced!)).toBeTypeOf('object')
  })
})

describe('the tokeniser', () => {
  it.each(['', 'hello  world', 'naïve 你好吗 🎉👩‍👩‍👧 x', 'a\r\n\r\nb\tc', '1234567 x', '\ud83d lone'])(
    '%j',
    (text) => {
      const tokens = tokenise(text)
      expect(tokens.join('')).toBe(text)
      expect(countTokens(text)).toBe(tokens.length)
      for (let i = 0; i <= tokens.length; i++)
        expect(tokenise(tokens.slice(0, i).join(''))).toEqual(tokens.slice(0, i))
    },
  )
})
