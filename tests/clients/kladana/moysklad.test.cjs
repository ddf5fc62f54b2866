// npm `moysklad`, unmodified. It takes https alone, so it is given a fetch that carries its calls over http.
'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')

const Moysklad = require('moysklad')

const VENDOR = 'https://api.moysklad.ru'
const NOBODY = '498b8673-0308-11e6-9464-e4de00000089'
const STOCK = 'report/stock/bystore'

/** A client in a namespace of the test's own, whose clock it holds. */
async function arrange(t, options = { token: 'token' }) {
  const base = `${process.env.EMULATOR}/ns/${t.name.replace(/\W/g, '').slice(-64)}`
  const overHttp = (url, ...rest) => fetch(url.replace(VENDOR, base), ...rest)
  const clock = async change => {
    const body = JSON.stringify(change)
    const headers = { 'Content-Type': 'application/json' }
    assert.equal((await fetch(`${base}/__admin/clock`, { method: 'POST', headers, body })).status, 200)
  }
  await clock({ mode: 'frozen' })
  const client = Moysklad({ fetch: overHttp, ...options })
  return { base, client, advance: by => clock({ advance: by }) }
}

/** The id of a new task. */
async function submit(client, report = STOCK, query = {}) {
  const [body, response] = await client.GET(report, { ...query, async: true }, { includeResponse: true })
  assert.equal(body, undefined)
  assert.equal(response.status, 202)
  const status = response.headers.get('Content-Location')
  assert.equal(response.headers.get('Location'), `${status}/result`)
  return status.split('/').at(-1)
}

/** What the client throws, as the properties that its users look at. */
async function thrown(promise) {
  const error = await promise.then(assert.fail, error => error)
  return { name: error.name, status: error.status, code: error.code }
}

const apiError = (status, code) => ({ name: 'MoyskladApiError', status, code })

// Submit and poll

test('a report is submitted and polled until it is done', async t => {
  const { client, advance } = await arrange(t)
  const id = await submit(client)
  const states = []
  for (let n = 0; n < 3; n++) {
    states.push((await client.GET(`async/${id}`)).state)
    await advance('2s')
  }
  assert.deepEqual(states, ['PENDING', 'PROCESSING', 'DONE'])
})

test('the deletion date is read as the instant that it is', async t => {
  const { base, client, advance } = await arrange(t)
  const id = await submit(client)
  await advance('2500ms')
  const { now } = await (await fetch(`${base}/__admin/clock`)).json()
  const { deletionDate } = await client.GET(`async/${id}`)
  assert.equal(+Moysklad.parseTimeString(deletionDate), Math.floor(+new Date(now)) + 3600_000)
})

test('a login with a password opens as well', async t => {
  const { client } = await arrange(t, { login: 'admin@company', password: 'secret' })
  await submit(client)
})

test('without credentials nothing opens', async t => {
  const { client } = await arrange(t, {})
  assert.deepEqual(await thrown(client.GET('async')), apiError(401, 1056))
})

test('a page of a report cannot be a task', async t => {
  const { client } = await arrange(t)
  assert.deepEqual(await thrown(client.GET(STOCK, { async: true, limit: 10 })), apiError(412, 61001))
})

test('one task runs, four wait, and the sixth finds the queue full', async t => {
  const { client, advance } = await arrange(t)
  await submit(client)
  await advance('500ms')
  for (let n = 0; n < 4; n++) await submit(client)
  assert.deepEqual(await thrown(client.GET(STOCK, { async: true })), apiError(412, 61002))
})

test('an unknown task is not found', async t => {
  const { client } = await arrange(t)
  assert.deepEqual(await thrown(client.GET(`async/${NOBODY}`)), apiError(404, 1021))
})

test('a URL of the emulator is none of its own and never leaves it', async t => {
  const { client } = await arrange(t)
  const { meta } = await client.GET('async')
  assert.match(meta.href, /^http:/)
  await assert.rejects(client.fetchUrl(meta.href), /`url` is not url/)
})

// The result

test('a redirect is an error that knows the link', async t => {
  const { client, advance } = await arrange(t)
  const id = await submit(client)
  await advance('3s')
  const error = await client.GET(`async/${id}/result`).then(assert.fail, error => error)
  assert.equal(error.name, 'MoyskladUnexpectedRedirectError')
  assert.equal(error.status, 302)
  const file = await (await fetch(error.location)).json()
  assert.equal(file.rows.length, file.meta.size)
})

test('a redirect that is asked for is a response', async t => {
  const { client, advance } = await arrange(t)
  const id = await submit(client)
  await advance('3s')
  const response = await client.GET(`async/${id}/result`, undefined, { rawRedirect: true })
  assert.equal(response.status, 302)
  assert.equal(await response.text(), '')
  const link = response.headers.get('Location')
  await advance('5m')
  const dead = await fetch(link)
  assert.equal(dead.status, 401)
  assert.equal(await dead.text(), 'Temp URL invalid')
})

test('a redirect that is followed leads to the report', async t => {
  const { client, advance } = await arrange(t)
  const id = await submit(client)
  await advance('3s')
  const report = await client.GET(`async/${id}/result`, undefined, { redirect: 'follow' })
  const atOnce = await client.GET(STOCK)
  assert.deepEqual(report.rows, atOnce.rows)
  assert.equal(report.meta.limit, undefined)
})

test('a result that is not ready, and one that is deleted', async t => {
  const { client, advance } = await arrange(t)
  const id = await submit(client)
  assert.deepEqual(await thrown(client.GET(`async/${id}/result`)), apiError(412, 61006))
  await advance('1h3s')
  assert.deepEqual(await thrown(client.GET(`async/${id}/result`)), apiError(412, 61003))
})

// A task that fails: to this client its status is an error, although it comes with 200

test('a failed task is thrown when it is looked at', async t => {
  const { client, advance } = await arrange(t)
  const id = await submit(client, 'report/sales/plotseries', { momentFrom: '2018-09-06', interval: 'hour' })
  assert.equal((await client.GET(`async/${id}`)).state, 'PENDING')
  await advance('1m')
  assert.deepEqual(await thrown(client.GET(`async/${id}`)), apiError(200, 39000))
  const task = await client.GET(`async/${id}`, undefined, { muteApiErrors: true })
  assert.equal(task.state, 'API_ERROR')
  assert.equal(task.errors[0].code, 39000)
  assert.deepEqual(await thrown(client.GET(`async/${id}/result`)), apiError(412, 39000))
})

test('a list that holds a failed task is a list', async t => {
  const { client, advance } = await arrange(t)
  await submit(client, 'report/sales/plotseries', { momentFrom: '2018-09-06', interval: 'hour' })
  await advance('1m')
  const { rows } = await client.GET('async', { filter: { state: 'API_ERROR' } })
  assert.deepEqual(rows.map(row => row.errors[0].code), [39000])
})

// Cancel

test('a task is cancelled once', async t => {
  const { client } = await arrange(t)
  const id = await submit(client)
  assert.equal(await client.PUT(`async/${id}/cancel`), undefined)
  assert.equal((await client.GET(`async/${id}`)).state, 'CANCEL')
  assert.deepEqual(await thrown(client.PUT(`async/${id}/cancel`)), apiError(412, 61007))
  assert.deepEqual(await thrown(client.GET(`async/${id}/result`)), apiError(412, 61005))
})

// Filter and order, as the client writes them

/** A done, a cancelled and a waiting task, in this order. */
async function three(client, advance) {
  const done = await submit(client)
  await advance('3s')
  const cancelled = await submit(client, STOCK, { filter: { stockMode: 'all', quantityMode: 'all' } })
  await client.PUT(`async/${cancelled}/cancel`)
  const waiting = await submit(client)
  return { done, cancelled, waiting }
}

test('filters of every kind find what they should', async t => {
  const { client, advance } = await arrange(t)
  const { done, cancelled, waiting } = await three(client, advance)
  const task = await client.GET(`async/${done}`)
  const date = Moysklad.parseTimeString(task.deletionDate)
  const ids = async filter => (await client.GET('async', { filter })).rows.map(row => row.id)

  assert.deepEqual(await ids({}), [waiting, cancelled, done])
  assert.deepEqual(await ids({ state: 'done' }), [done])
  assert.deepEqual(await ids({ state: ['DONE', 'CANCEL'] }), [cancelled, done])
  assert.deepEqual(await ids({ state: { $in: ['PENDING', 'DONE'] } }), [waiting, done])
  assert.deepEqual(await ids({ state: { $nin: ['PENDING', 'DONE'] } }), [cancelled])
  assert.deepEqual(await ids({ state: { $not: { $eq: 'CANCEL' } } }), [waiting, done])
  assert.deepEqual(await ids({ deletionDate: { $exists: true } }), [done])
  assert.deepEqual(await ids({ deletionDate: null }), [waiting, cancelled])
  assert.deepEqual(await ids({ deletionDate: date }), [done])
  assert.deepEqual(await ids({ deletionDate: { $gte: date, $lte: date } }), [done])
  assert.deepEqual(await ids({ deletionDate: { $lt: date } }), [])
  assert.deepEqual(await ids({ state: 'done', deletionDate: { $gt: new Date(+date - 1) } }), [done])
})

test('the request that a task shows finds it, semicolons and all', async t => {
  const { client, advance } = await arrange(t)
  const { cancelled } = await three(client, advance)
  const { request } = await client.GET(`async/${cancelled}`)
  const encoded = await client.GET('async', { filter: { request } })
  assert.deepEqual(encoded.rows.map(row => row.id), [cancelled])
  const { meta } = await client.GET('async', { filter: { request: decodeURIComponent(request) } })
  assert.equal(meta.size, 0)
})

test('filters and orders that are none', async t => {
  const { client } = await arrange(t)
  const refused = query => thrown(client.GET('async', query))
  const date = new Date()
  assert.deepEqual(await refused({ filter: { name: 'x' } }), apiError(400, 1034))
  assert.deepEqual(await refused({ filter: { state: { $contains: 'DO' } } }), apiError(400, 1034))
  assert.deepEqual(await refused({ filter: { deletionDate: { $eq: date, $lt: date } } }), apiError(400, 1034))
  assert.deepEqual(await refused({ filter: { deletionDate: date.toISOString() } }), apiError(400, 1035))
  assert.deepEqual(await refused({ filter: { deletionDate: new Date(-1) } }), apiError(400, 1014))
  assert.deepEqual(await refused({ filter: { state: 'finished' } }), apiError(400, 1041))
  assert.deepEqual(await refused({ order: [['deletionDate', 'down']] }), apiError(400, 1042))
  assert.deepEqual(await refused({ order: ['state'] }), apiError(400, 1063))
  assert.deepEqual(await refused({ limit: 0 }), apiError(400, 1040))
})

test('pages carry filter and order along', async t => {
  const { base, client, advance } = await arrange(t)
  const { cancelled, done, waiting } = await three(client, advance)
  const query = { filter: { state: { $ne: 'ERROR' } }, order: [['deletionDate'], ['request', 'desc']], limit: 1 }
  const found = []
  let page = await client.GET('async', query)
  for (;;) {
    found.push(page.rows[0].id)
    assert.equal(page.meta.size, 3)
    if (!page.meta.nextHref) break
    page = await client.fetchUrl(page.meta.nextHref.replace(base, VENDOR))
  }
  assert.deepEqual(found, [done, cancelled, waiting])
})
