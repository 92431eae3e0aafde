// The audits of GraphQL over HTTP that the graphql-http package brings; prints what came of each.
import { serverAudits } from 'graphql-http'
import { say, told } from './said.mjs'

// As plain JSON: the same audits for a client that knows no other type, and so must be given that one.
const asJson = (url, { headers, ...init } = {}) =>
  fetch(url, { ...init, headers: { ...headers, accept: 'application/json' } })

for (const audit of serverAudits({ url: told.url, fetchFn: told.json ? asJson : fetch })) {
  const { status, reason } = await audit.fn()
  say(status, { id: audit.id, name: audit.name, reason })
}
