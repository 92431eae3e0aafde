// graphql-ws as it is without a word about retrying, against a socket that is closed with some code.
import { createClient } from 'graphql-ws'
import { ended, say, told } from './said.mjs'

const client = createClient({
  url: told.url,
  retryWait: () => Promise.resolve(),
  on: { closed: ({ code }) => say('closed', code) },
})
client.subscribe(
  { query: 'subscription { alerts { cursor } }' },
  { next: () => say('back'), error: (error) => say('gives up', error.code), complete: () => say('complete') },
)
await ended
await client.dispose()
