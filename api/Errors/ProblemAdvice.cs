using System.Collections.Frozen;

namespace RestKv.Api.Errors;

/// <summary>Why a kind of failure happens and what to do about it, one line each.</summary>
/// <param name="Cause">What has usually happened.</param>
/// <param name="Remedy">What the client, or the operator, does next.</param>
internal sealed record ProblemAdvice(string Cause, string Remedy)
{
    private static readonly FrozenDictionary<string, ProblemAdvice> ByCode = new Dictionary<string, ProblemAdvice>
    {
        ["bad-request"] = new(
            "A parameter, header or field has a form that is not understood.",
            "Correct what `at` names; the document at /openapi/v1.json tells every form."),
        ["key-empty"] = new(
            "No key was named.",
            "Give a key of at least one byte; a listing is GET /v1/kv with a prefix."),
        ["key-dot-segment"] = new(
            "Clients and proxies resolve \".\" and \"..\" before we see them, so the key could not be trusted.",
            "Use /v1/kv64 with the key in base64url."),
        ["key-encoding"] = new(
            "The bytes after /v1/kv/ do not decode to UTF-8.",
            "Percent-encode the UTF-8 of the key, or use /v1/kv64 for other bytes."),
        ["key-too-long"] = new(
            "The key, decoded, has more than 4096 bytes.",
            "Shorten the key, or put a part of it into the value."),
        ["bad-revision"] = new(
            "A revision or event id is not a whole number in its range.",
            "Send back a revision as it came in an answer."),
        ["future-revision"] = new(
            "The revision asked for was not written yet, or comes from another store.",
            "Read without rev, or use minRev to wait for it."),
        ["bad-duration"] = new(
            "A duration has no known unit or is beyond its bounds.",
            "Write it as 500ms, 10s, 5m or 1h, within the bounds that the detail names."),
        ["cursor-mismatch"] = new(
            "The cursor was made by a request with other parameters, or by another store.",
            "Repeat the first request unchanged, or start again without cursor."),
        ["txn-duplicate-key"] = new(
            "Two writes of one branch meet the same key, so the result would depend on order.",
            "Leave one write for each key."),
        ["txn-too-large"] = new(
            "The transaction has more operations than limits allows.",
            "Split it; GET /v1/limits tells the bound."),
        ["txn-too-deep"] = new(
            "Transactions are nested deeper than allowed.",
            "Flatten the inner ones, or run several."),
        ["validation"] = new(
            "A field has a value outside what is allowed.",
            "Correct the fields that `errors` or `at` names."),
        ["confirm-all"] = new(
            "The request would delete every key.",
            "Add all=true if that is meant, else name a prefix or range."),
        ["invalid-json"] = new(
            "The body does not parse as JSON.",
            "Correct the body at the place that the detail names."),
        ["invalid-json-type"] = new(
            "The document is, say, an array where an object is due.",
            "Send an object, as the OpenAPI document shows."),
        ["json-too-deep"] = new(
            "Objects and arrays are nested deeper than any request needs.",
            "Send fewer levels."),
        ["duplicate-field"] = new(
            "A field comes twice in one object, and readers differ in which they take.",
            "Send each field once."),
        ["unknown-field"] = new(
            "The field does not exist here; it may be misspelt.",
            "Correct its name; nothing is ignored silently."),
        ["invalid-field-combination"] = new(
            "Two things were asked for that cannot both hold.",
            "Drop one of them, as the detail says."),
        ["invalid-type"] = new(
            "A field is, say, text where a number is due.",
            "Send the type that the OpenAPI document names."),
        ["invalid-utf8"] = new(
            "Text has bytes that are not UTF-8.",
            "Send UTF-8, or base64 for other bytes."),
        ["invalid-base64"] = new(
            "Text is not base64 in the alphabet that is due here.",
            "Use base64url in URLs and standard base64 in bodies, without line breaks."),
        ["invalid-limit"] = new(
            "The limit is not a whole number, or beyond its bounds.",
            "Send a number within the bounds that the detail names."),
        ["invalid-range"] = new(
            "The keys, prefixes and ranges do not name one clear set of keys.",
            "Name a key, a prefix, or a start that is not after its end."),
        ["invalid-compare"] = new(
            "A comparison lacks a target or an operator, or has two.",
            "Name one of value, version, modRev, createRev, lease or exists for each."),
        ["invalid-etag"] = new(
            "If-Match or If-None-Match holds no tag that we gave.",
            "Send the ETag of an answer as it came, with its quotes."),
        ["invalid-idempotency-key"] = new(
            "The key is empty, too long or has invisible characters.",
            "Send 1 to 64 visible ASCII characters, for example a UUID."),
        ["invalid-name"] = new(
            "A member's name goes into file names, logs and metrics, so it is kept plain.",
            "Use letters, digits, dots, dashes and underscores, at most 64."),
        ["invalid-peer-url"] = new(
            "Members find each other by scheme, host and port; a path, query or user part has no meaning there.",
            "Write it as http://host:port or https://host:port."),
        ["weak-password"] = new(
            "The password has fewer than 12 characters, or is one that everybody tries first.",
            "Take a longer one; a few words will do."),
        ["duplicate-parameter"] = new(
            "A parameter comes twice, and only one could be meant.",
            "Send it once."),
        ["unknown-parameter"] = new(
            "The parameter does not exist here; it may be misspelt.",
            "Correct its name; nothing is ignored silently."),
        ["token-in-url"] = new(
            "URLs end up in logs and histories, so a secret in one is lost.",
            "Send it in the Authorization header, and make a new one."),
        ["ambiguous-framing"] = new(
            "Proxies and servers could disagree where the request ends.",
            "Send one Content-Length or chunked encoding, not both."),
        ["unauthenticated"] = new(
            "Authentication is on, and the request shows nothing, or something that is not known here.",
            "Log in (POST /v1/auth/login), or send a name and password, a token or a client certificate."),
        ["token-expired"] = new(
            "The session was not used for too long, or the token had an end.",
            "Log in again, or have a new token made."),
        ["forbidden"] = new(
            "The caller is known and has not the right that the detail names, whether or not the key exists.",
            "Have the right granted to one of the caller's roles; GET /v1/auth/me tells what there is."),
        ["auth-disabled-here"] = new(
            "Nobody can log in while authentication is off: everybody may do everything.",
            "Send requests without credentials, or turn it on with PUT /v1/auth/enabled."),
        ["origin-not-allowed"] = new(
            "A browser sent this from a page of an origin that is not allowed.",
            "Add the origin with --cors-origins if the page is yours."),
        ["key-not-found"] = new(
            "The key was never written, was deleted or has expired.",
            "Create it with PUT; /v1/history tells what became of it."),
        ["lease-not-found"] = new(
            "The lease was never granted, was revoked or has expired.",
            "Grant a new lease and attach the keys again."),
        ["member-not-found"] = new(
            "The id or name belongs to no member; removed members do not come back.",
            "GET /v1/members lists ids and names."),
        ["user-not-found"] = new(
            "No user has this name.",
            "GET /v1/auth/users lists them."),
        ["role-not-found"] = new(
            "No role has this name.",
            "GET /v1/auth/roles lists them."),
        ["token-not-found"] = new(
            "No token has this id, or it is somebody else's.",
            "GET /v1/auth/tokens lists yours."),
        ["operation-not-found"] = new(
            "No such operation was started on this cluster, or its member is gone.",
            "GET /v1/members shows what is under way."),
        ["route-not-found"] = new(
            "No route has this path; paths are compared exactly.",
            "Look at /docs; mind case and the slash at the end."),
        ["method-not-allowed"] = new(
            "The route exists, but not with this method.",
            "Use a method that the Allow header names."),
        ["not-acceptable"] = new(
            "Accept or format asks for a form that this route does not have.",
            "Accept one of the forms that the detail names."),
        ["request-timeout"] = new(
            "The body came more slowly than the server waits.",
            "Send it again over a faster connection."),
        ["lease-exists"] = new(
            "Another lease has the id that was asked for.",
            "Leave the id out, or choose another."),
        ["idempotency-in-progress"] = new(
            "The first arrival of this key has no outcome yet.",
            "Wait for Retry-After and send the same request again."),
        ["idempotency-cancelled"] = new(
            "Somebody asked for the outcome with cancel, and the write had not been applied.",
            "Decide anew and use a new Idempotency-Key."),
        ["member-exists"] = new(
            "Names and addresses are unique, and the id of a removed member is never given again.",
            "Choose another name or address, or use replace for a machine that takes over."),
        ["user-exists"] = new(
            "Somebody has made this user before.",
            "Change it with PUT /v1/auth/users/{name}, or take another name."),
        ["role-exists"] = new(
            "Somebody has made this role before.",
            "Change it with PUT /v1/auth/roles/{name}, or take another name."),
        ["already-enabled"] = new(
            "Authentication was turned on before.",
            "Nothing is left to do."),
        ["root-required"] = new(
            "Without a user root that has the role root nobody could turn authentication off again.",
            "Make the user root with the role root first, and leave both as they are while authentication is on."),
        ["auth-limit"] = new(
            "There are bounds for users, roles, permissions of a role and tokens.",
            "Remove what is not needed; a prefix does the work of many single keys."),
        ["quorum-at-risk"] = new(
            "Too many of the voters that would be left are not heard of, or no voter would be left.",
            "Bring members back or add one first; to exchange a dead member use replace."),
        ["learner-not-ready"] = new(
            "The learner is silent or still receiving what was written before it came.",
            "Retry after Retry-After, or leave `learner` out: then it votes by itself once it has caught up."),
        ["member-limit"] = new(
            "A cluster has 64 members at most.",
            "Remove a member first."),
        ["member-wiped"] = new(
            "The data of the member was lost or exchanged; under its old id it could break promises it does not remember.",
            "Start it as a new member: POST /v1/members/{id}/replace."),
        ["compacted"] = new(
            "History up to there was given up to save space, or the place belongs to another store.",
            "Read the present state and go on from its revision; watches do so with resync=true."),
        ["cursor-expired"] = new(
            "The revision that the pages are of was compacted between two of them.",
            "Start again from the first page."),
        ["precondition-failed"] = new(
            "Somebody wrote the key since it was read.",
            "Read it again, apply the change to what is there now and retry with the new ETag."),
        ["txn-else"] = new(
            "A condition did not hold and the else branch ran, with onElse=412.",
            "Look at the results of the else branch and decide anew."),
        ["value-too-large"] = new(
            "The value has more bytes than a value may have.",
            "Split it, or store it elsewhere and keep a reference here; GET /v1/limits tells the bound."),
        ["request-too-large"] = new(
            "The body or the head of the request is longer than allowed.",
            "Send less at once; GET /v1/limits tells the bounds."),
        ["result-too-large"] = new(
            "The previous values asked for are more than one answer may hold.",
            "Leave prev out, or change fewer keys at once."),
        ["unsupported-media-type"] = new(
            "The Content-Type is not one that this route reads.",
            "Send application/json where JSON is due; values of any type go to /v1/kv/{key}."),
        ["unsupported-charset"] = new(
            "JSON is UTF-8 and nothing else.",
            "Convert the body, and leave charset out."),
        ["unsupported-encoding"] = new(
            "Bodies are stored and parsed as they come, so none may be compressed.",
            "Send it without Content-Encoding."),
        ["host-not-allowed"] = new(
            "Answering to any name would let web pages reach this server by a name of their own (DNS rebinding).",
            "Use the address, or add the name with --host-whitelist."),
        ["idempotency-mismatch"] = new(
            "The key was used before with another request.",
            "Use a new Idempotency-Key for each new write."),
        ["too-many-watches"] = new(
            "One client has more watches open than it may.",
            "Watch several ranges in one stream, or close some."),
        ["rate-limited"] = new(
            "More requests came than are taken in this time.",
            "Wait for Retry-After, then go on more slowly."),
        ["internal"] = new(
            "Something happened that must not; the server's log has it under the requestId.",
            "Report it with the requestId; a write may or may not be applied."),
        ["no-leader"] = new(
            "No majority of members agrees on a leader at present.",
            "Retry after Retry-After; if it lasts, see that a majority runs and is connected."),
        ["not-ready"] = new(
            "The member is starting, recovering or catching up.",
            "Retry after Retry-After, or ask another member."),
        ["shutting-down"] = new(
            "The member was told to stop.",
            "Ask another member, or this one when it is back."),
        ["proposal-dropped"] = new(
            "Leadership changed before the write was committed; it was not applied.",
            "Send it again."),
        ["member-corrupt"] = new(
            "The members compare their states all the time, and this one was outvoted: its memory or its software is at fault.",
            "Ask another member; keep this one's data directory for analysis and replace the member."),
        ["overloaded"] = new(
            "Queues are full; the request was not begun.",
            "Retry after Retry-After, with growing pauses."),
        ["timeout"] = new(
            "The cluster did not answer in the time given; a write may still be applied.",
            "Ask /v1/outcomes with the Idempotency-Key, or send again with the same one."),
        ["no-space"] = new(
            "The quota is used up or the disk is full.",
            "Delete keys or compact history, which is still allowed; then raise --quota-backend-bytes or add disk."),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Every type of the catalog has one.</summary>
    public static ProblemAdvice Of(ProblemType type) => ByCode[type.Code];
}
