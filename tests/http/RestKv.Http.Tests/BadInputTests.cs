using System.Globalization;
using System.Text;
using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests;

/// <summary>
/// The table of bad input, row by row (the row numbers are those of the security design, section 2). Every row is sent over a
/// raw socket and must be answered with exactly its status and code, leaving the connection usable unless the row says "close".
/// </summary>
public sealed class BadInputTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    private const string Json = "Content-Type: application/json";

    /// <summary>Row, method, target, headers, body, status, code.</summary>
    public static TheoryData<string, string, string, string, string, int, string> Rows => new()
    {
        { "1a", "POST", "/v1/txn", Json, "{", 400, "invalid-json" },
        { "1b", "POST", "/v1/txn", Json, "key=1", 400, "invalid-json" },
        { "1c", "POST", "/v1/txn", Json, "", 400, "invalid-json" },
        { "1d", "POST", "/v1/leases", Json, "{\"ttl\":", 400, "invalid-json" },
        { "2a", "POST", "/v1/txn", Json, "null", 400, "invalid-json-type" },
        { "2b", "POST", "/v1/txn", Json, "[]", 400, "invalid-json-type" },
        { "2c", "POST", "/v1/leases", Json, "\"x\"", 400, "invalid-json-type" },
        { "2d", "POST", "/v1/compact", Json, "5", 400, "invalid-json-type" },
        { "3a", "POST", "/v1/txn", Json, new string('[', 33) + new string(']', 33), 400, "json-too-deep" },
        { "3b", "POST", "/v1/txn", Json, new string('[', 100_000), 400, "json-too-deep" },
        { "3c", "POST", "/v1/txn", Json, Put("\"json\":" + new string('[', 33) + new string(']', 33)), 400, "json-too-deep" },
        { "4a", "POST", "/v1/txn", Json, Put("\"value\":\"1\",\"value\":\"2\""), 400, "duplicate-field" },
        { "4b", "POST", "/v1/leases", Json, "{\"ttl\":5,\"\\u0074tl\":6}", 400, "duplicate-field" },
        { "5a", "POST", "/v1/txn", Json, Put("\"vlaue\":\"1\""), 400, "unknown-field" },
        { "5b", "POST", "/v1/leases", Json, "{\"TTL\":5}", 400, "unknown-field" },
        { "6a", "POST", "/v1/txn", Json, "{\"then\":[],}", 400, "invalid-json" },
        { "6b", "POST", "/v1/txn", Json, "{/* why */}", 400, "invalid-json" },
        { "6c", "POST", "/v1/txn", Json, "{\"then\":[{\"get\":{\"key\":\"a\",\"limit\":NaN}}]}", 400, "invalid-json" },
        { "6d", "POST", "/v1/txn", Json, "{} {}", 400, "invalid-json" },
        { "7b", "POST", "/v1/txn", Json, Put("\"value\":\"\\ud800\""), 400, "invalid-utf8" },
        { "7c", "POST", "/v1/txn", Json, Put("\"value\":\"\\udc00\\ud800\""), 400, "invalid-utf8" },
        { "7d", "POST", "/v1/txn", Json, Put("\"json\":{\"\\udfff\":1}"), 400, "invalid-utf8" },
        { "9a", "POST", "/v1/txn", "Content-Type: text/plain", "{}", 415, "unsupported-media-type" },
        { "9b", "POST", "/v1/txn", "Content-Type: multipart/form-data; boundary=x", "{}", 415, "unsupported-media-type" },
        { "9c", "POST", "/v1/txn", "Origin: http://localhost", "{}", 415, "unsupported-media-type" },
        { "9d", "POST", "/v1/txn", "Sec-Fetch-Site: same-origin", "{}", 415, "unsupported-media-type" },
        { "9e", "POST", "/v1/txn", "Cookie: a=b", "{}", 415, "unsupported-media-type" },
        { "9f", "POST", "/v1/txn", "", "key=1", 415, "unsupported-media-type" },
        { "9g", "POST", "/v1/txn", "Content-Type: application/x-www-form-urlencoded", "a=b", 415, "unsupported-media-type" },
        { "9h", "POST", "/v1/txn", "", "", 415, "unsupported-media-type" },
        { "10a", "POST", "/v1/txn", "Content-Type: application/json; charset=utf-16", "{}", 415, "unsupported-charset" },
        { "10b", "POST", "/v1/txn", Json, "{\0}\0", 415, "unsupported-charset" },
        { "11a", "POST", "/v1/txn", Json + "\r\nContent-Encoding: gzip", "{}", 415, "unsupported-encoding" },
        { "11b", "PUT", "/v1/kv/a", "Content-Encoding: zstd", "x", 415, "unsupported-encoding" },
        { "12a", "GET", "/v1/kv?prefix=a", "Accept: application/xml", "", 406, "not-acceptable" },
        { "12b", "POST", "/v1/txn", Json + "\r\nAccept: text/csv", "{}", 406, "not-acceptable" },
        { "12c", "GET", "/v1/leases/1/hold", "Accept: application/json", "", 406, "not-acceptable" },
        { "12d", "GET", "/v1/status", "Accept: application/json;q=0", "", 406, "not-acceptable" },
        { "13a", "GET", "/v1/kv/", "", "", 400, "key-empty" },
        { "13b", "PUT", "/v1/kv64/", "", "x", 400, "key-empty" },
        { "13c", "GET", "/v1/kv?key=", "", "", 400, "key-empty" },
        { "13d", "POST", "/v1/txn", Json, "{\"then\":[{\"get\":{\"key\":\"\"}}]}", 400, "key-empty" },
        { "14a", "GET", "/v1/kv/a/../b", "", "", 400, "key-dot-segment" },
        { "14b", "GET", "/v1/kv/./x", "", "", 400, "key-dot-segment" },
        { "14c", "DELETE", "/v1/kv/..", "", "", 400, "key-dot-segment" },
        { "14d", "GET", "/v1/history/a/.", "", "", 400, "key-dot-segment" },
        { "15a", "GET", "/v1/kv/a/%2e%2e/b", "", "", 400, "key-dot-segment" },
        { "15b", "GET", "/v1/kv/%2E.", "", "", 400, "key-dot-segment" },
        { "15c", "PUT", "/v1/kv/a/.%2e/b", "", "x", 400, "key-dot-segment" },
        { "16a", "GET", "/v1/kv/%zz", "", "", 400, "key-encoding" },
        { "16b", "GET", "/v1/kv/a%2", "", "", 400, "key-encoding" },
        { "16c", "GET", "/v1/kv/%", "", "", 400, "key-encoding" },
        { "17", "GET", "/v1/kv/never%252Fput", "", "", 404, "key-not-found" },
        { "18", "GET", "/v1/kv/..%2f..%2fetc%2fshadow", "", "", 404, "key-not-found" },
        { "20a", "GET", "/v1/kv/%ff%fe", "", "", 400, "key-encoding" },
        { "20b", "GET", "/v1/kv?prefix=%ff", "", "", 400, "key-encoding" },
        { "20c", "GET", "/v1/kv/%c0%af", "", "", 400, "key-encoding" },
        { "22", "GET", "/v1/kv/" + new string('k', 4097), "", "", 400, "key-too-long" },
        { "25a", "GET", "/v1/kv64/AP==", "", "", 400, "invalid-base64" },
        { "25b", "GET", "/v1/kv64/AP+_", "", "", 400, "invalid-base64" },
        { "25c", "GET", "/v1/kv64/AP/_", "", "", 400, "invalid-base64" },
        { "25d", "GET", "/v1/kv64/A", "", "", 400, "invalid-base64" },
        { "25e", "GET", "/v1/kv64/AR", "", "", 400, "invalid-base64" },
        { "25f", "GET", "/v1/kv64/AP%20_", "", "", 400, "invalid-base64" },
        { "25g", "GET", "/v1/kv?prefix64=A+", "", "", 400, "invalid-base64" },
        { "25h", "GET", "/v1/kv?start64=AA=", "", "", 400, "invalid-base64" },
        { "26a", "POST", "/v1/txn", Json, Put("\"base64\":\"AA\\n==\""), 400, "invalid-base64" },
        { "26b", "POST", "/v1/txn", Json, Put("\"base64\":\"AP__\""), 400, "invalid-base64" },
        { "26c", "POST", "/v1/txn", Json, Put("\"base64\":\"AA\""), 400, "invalid-base64" },
        { "26d", "POST", "/v1/txn", Json, "{\"then\":[{\"get\":{\"keyBase64\":\"AB==\"}}]}", 400, "invalid-base64" },
        { "27a", "POST", "/v1/txn", Json, Put("\"value\":\"1\",\"base64\":\"AA==\""), 400, "invalid-field-combination" },
        { "27b", "POST", "/v1/txn", Json, "{\"then\":[{\"put\":{\"key\":\"a\"}}]}", 400, "invalid-field-combination" },
        { "27c", "POST", "/v1/txn", Json, Put("\"keyBase64\":\"AA==\",\"value\":\"1\""), 400, "invalid-field-combination" },
        { "27d", "POST", "/v1/txn", Json, Put("\"value\":\"1\",\"json\":1"), 400, "invalid-field-combination" },
        { "28a", "PUT", "/v1/kv/a", "", new string('v', (1 << 20) + 1), 413, "value-too-large" },
        { "28b", "POST", "/v1/txn", Json, Put("\"value\":\"" + new string('v', (1 << 20) + 1) + "\""), 413, "value-too-large" },
        { "36a", "GET", "/livez", "Host: evil.example", "", 421, "host-not-allowed" },
        { "36b", "GET", "/v1/kv/a", "Host: localhost.:2379", "", 421, "host-not-allowed" },
        { "36c", "GET", "/openapi/v1.json", "Host: 127.0.0.1.evil.example:2379", "", 421, "host-not-allowed" },
        { "36d", "PUT", "/v1/kv/a", "Host: localhost.evil.example", "x", 421, "host-not-allowed" },
        { "37a", "POST", "/v1/txn", Json + "\r\nOrigin: https://evil.example", "{}", 403, "origin-not-allowed" },
        { "37b", "PUT", "/v1/kv/a", "Origin: null", "x", 403, "origin-not-allowed" },
        { "37c", "DELETE", "/v1/kv/a", "Sec-Fetch-Site: cross-site", "", 403, "origin-not-allowed" },
        { "37d", "PUT", "/v1/kv/a", "Sec-Fetch-Site: same-site", "x", 403, "origin-not-allowed" },
        { "37e", "PUT", "/v1/kv/a", "Origin: http://localhost:8080", "x", 403, "origin-not-allowed" },
        { "38", "OPTIONS", "/v1/kv/a", "Origin: https://evil.example\r\nAccess-Control-Request-Method: PUT", "", 403, "origin-not-allowed" },
        { "39a", "TRACE", "/v1/kv/a", "", "", 405, "method-not-allowed" },
        { "39b", "PATCH", "/v1/kv/a", "", "x", 405, "method-not-allowed" },
        { "39c", "FOO", "/v1/txn", "", "", 405, "method-not-allowed" },
        { "39d", "POST", "/v1/kv?prefix=q/", "", "x", 405, "method-not-allowed" },
        { "39e", "GET", "/v1/txn", "", "", 405, "method-not-allowed" },
        { "41a", "GET", "/v1/nothing", "", "", 404, "route-not-found" },
        { "41b", "GET", "/V1/KV/x", "", "", 404, "route-not-found" },
        { "41c", "GET", "/v1//kv/x", "", "", 404, "route-not-found" },
        { "41d", "GET", "/v1/Leases", "", "", 404, "route-not-found" },
        { "41e", "GET", "/v1/leases/", "", "", 404, "route-not-found" },
        { "41f", "GET", "/v1/x/../kv/a", "", "", 404, "route-not-found" },
        { "41g", "GET", "/v1/%6bv/a", "", "", 404, "route-not-found" },
        { "41h", "GET", "/v1", "", "", 404, "route-not-found" },
        { "41i", "POST", "/v1/bulk", "", "{}", 404, "route-not-found" },
        { "43a", "GET", "/v1/kv?prefix=&limit=0", "", "", 400, "invalid-limit" },
        { "43b", "GET", "/v1/kv?prefix=&limit=-1", "", "", 400, "invalid-limit" },
        { "43c", "GET", "/v1/kv?prefix=&limit=1.5", "", "", 400, "invalid-limit" },
        { "43d", "GET", "/v1/kv?prefix=&limit=1e3", "", "", 400, "invalid-limit" },
        { "43e", "GET", "/v1/kv?prefix=&limit=abc", "", "", 400, "invalid-limit" },
        { "43f", "GET", "/v1/kv?prefix=&limit=", "", "", 400, "invalid-limit" },
        { "43g", "GET", "/v1/kv?prefix=&limit=10001", "", "", 400, "invalid-limit" },
        { "43h", "GET", "/v1/kv?prefix=&limit=2147483648", "", "", 400, "invalid-limit" },
        { "43i", "GET", "/v1/kv?prefix=&limit=9223372036854775808", "", "", 400, "invalid-limit" },
        { "43j", "GET", "/v1/kv?prefix=&limit=" + new string('1', 30), "", "", 400, "invalid-limit" },
        { "43k", "GET", "/v1/kv?prefix=&limit=%205", "", "", 400, "invalid-limit" },
        { "43l", "GET", "/v1/kv?prefix=&limit=+5", "", "", 400, "invalid-limit" },
        { "43m", "GET", "/v1/kv?prefix=&limit=0x10", "", "", 400, "invalid-limit" },
        { "43n", "GET", "/v1/kv?prefix=&limit=%D9%A5", "", "", 400, "invalid-limit" },
        { "43o", "GET", "/v1/leases?limit=0", "", "", 400, "invalid-limit" },
        { "43p", "POST", "/v1/txn", Json, "{\"then\":[{\"get\":{\"key\":\"a\",\"limit\":1.5}}]}", 400, "invalid-limit" },
        { "43q", "POST", "/v1/txn", Json, "{\"then\":[{\"get\":{\"key\":\"a\",\"limit\":10001}}]}", 400, "invalid-limit" },
        { "44a", "GET", "/v1/kv/a?rev=-1", "", "", 400, "bad-revision" },
        { "44b", "GET", "/v1/kv/a?rev=0", "", "", 400, "bad-revision" },
        { "44c", "GET", "/v1/kv/a?rev=9223372036854775808", "", "", 400, "bad-revision" },
        { "44d", "GET", "/v1/kv?prefix=&rev=x", "", "", 400, "bad-revision" },
        { "44e", "GET", "/v1/kv/a?rev=9007199254740992", "", "", 400, "bad-revision" },
        { "44f", "POST", "/v1/compact", Json, "{\"rev\":0}", 400, "bad-revision" },
        { "44g", "POST", "/v1/compact", Json, "{\"rev\":1.5}", 400, "bad-revision" },
        { "45a", "GET", "/v1/kv/a?rev=9007199254740991", "", "", 400, "future-revision" },
        { "45b", "GET", "/v1/kv/a?rev=9007199254740991&consistency=local", "", "", 400, "future-revision" },
        { "45c", "POST", "/v1/txn", Json, "{\"then\":[{\"get\":{\"key\":\"a\",\"rev\":9007199254740991}}]}", 400, "future-revision" },
        { "47a", "GET", "/v1/kv?prefix=a&limti=5", "", "", 400, "unknown-parameter" },
        { "47b", "GET", "/v1/kv?limit=5&limit=5", "", "", 400, "duplicate-parameter" },
        { "47c", "PUT", "/v1/kv/a?fromRev=3", "", "", 400, "unknown-parameter" },
        { "47d", "GET", "/v1/kv/a?at=2026-11-20T10:00:00Z", "", "", 400, "unknown-parameter" },
        { "47e", "GET", "/livez?x", "", "", 400, "unknown-parameter" },
        { "47f", "PUT", "/v1/kv/a?Prev=true", "", "x", 400, "unknown-parameter" },
        { "48a", "GET", "/v1/kv?start=b&end=a", "", "", 400, "invalid-range" },
        { "48b", "GET", "/v1/kv?prefix=a&end=b", "", "", 400, "invalid-range" },
        { "48c", "DELETE", "/v1/kv?prefix=a&prefix64=YQ", "", "", 400, "invalid-range" },
        { "48d", "POST", "/v1/txn", Json, "{\"then\":[{\"get\":{\"start\":\"b\",\"end\":\"a\"}}]}", 400, "invalid-range" },
        { "48e", "POST", "/v1/txn", Json, "{\"then\":[{\"get\":{\"prefix\":\"b\",\"end\":\"c\"}}]}", 400, "invalid-range" },
        { "49a", "GET", "/v1/kv?prefix=a&cursor=AAAA", "", "", 400, "cursor-mismatch" },
        { "49b", "GET", "/v1/kv?prefix=a&cursor=", "", "", 400, "cursor-mismatch" },
        { "50a", "PUT", "/v1/kv/a?ttl=0", "", "x", 400, "bad-duration" },
        { "50b", "PUT", "/v1/kv/a?ttl=-1", "", "x", 400, "bad-duration" },
        { "50c", "PUT", "/v1/kv/a?ttl=1.5", "", "x", 400, "bad-duration" },
        { "50d", "PUT", "/v1/kv/a?ttl=2147483648", "", "x", 400, "bad-duration" },
        { "50e", "PUT", "/v1/kv/a?ttl=9223372036854775808", "", "x", 400, "bad-duration" },
        { "50f", "POST", "/v1/leases", Json, "{\"ttl\":\"10\"}", 400, "bad-duration" },
        { "50g", "POST", "/v1/leases", Json, "{\"ttl\":0}", 400, "bad-duration" },
        { "50h", "POST", "/v1/leases", Json, "{\"ttl\":1.5}", 400, "bad-duration" },
        { "50i", "POST", "/v1/leases", Json, "{\"ttl\":2147483648}", 400, "bad-duration" },
        { "50j", "POST", "/v1/leases", Json, "{}", 400, "bad-duration" },
        { "50k", "PUT", "/v1/kv/a?ttl=1500ms", "", "x", 400, "bad-duration" },
        { "50l", "GET", "/v1/kv/a?timeout=61s", "", "", 400, "bad-duration" },
        { "50m", "GET", "/v1/kv/a?wait=6m", "", "", 400, "bad-duration" },
        { "50n", "PUT", "/v1/retention", Json, "{\"revisions\":1,\"age\":\"soon\"}", 400, "bad-duration" },
        { "51a", "PUT", "/v1/kv/a?lease=dead", "", "x", 404, "lease-not-found" },
        { "51b", "GET", "/v1/leases/dead", "", "", 404, "lease-not-found" },
        { "51c", "POST", "/v1/leases/dead/keepalive", "", "", 404, "lease-not-found" },
        { "51d", "DELETE", "/v1/leases/dead", "", "", 404, "lease-not-found" },
        { "51e", "GET", "/v1/leases/dead/hold", "", "", 404, "lease-not-found" },
        { "51f", "POST", "/v1/txn", Json, Put("\"value\":\"1\",\"lease\":9007199254740993"), 400, "invalid-type" },
        { "51g", "POST", "/v1/leases", Json, "{\"ttl\":5,\"id\":12345}", 400, "invalid-type" },
        { "51h", "POST", "/v1/txn", Json, Put("\"value\":\"1\",\"lease\":\"dead\""), 404, "lease-not-found" },
        { "53a", "POST", "/v1/txn", Json, "{\"then\":[" + Repeat("{\"get\":{\"key\":\"a\"}}", 129) + "]}", 400, "txn-too-large" },
        { "53b", "POST", "/v1/txn", Json, "{\"if\":[" + Repeat("{\"key\":\"a\",\"exists\":true}", 129) + "]}", 400, "txn-too-large" },
        { "53c", "POST", "/v1/txn", Json, Nested(4), 400, "txn-too-deep" },
        { "53d", "POST", "/v1/txn", Json,
                "{\"then\":[{\"txn\":{\"else\":[" + Repeat("{\"get\":{\"key\":\"a\"}}", 128) + "]}}]}", 400, "txn-too-large" },
        { "54a", "POST", "/v1/txn", Json, "{\"then\":[" + Repeat("{\"put\":{\"key\":\"a\",\"value\":\"1\"}}", 2) + "]}", 400, "txn-duplicate-key" },
        { "54b", "POST", "/v1/txn", Json,
                "{\"else\":[{\"put\":{\"key\":\"ab\",\"value\":\"1\"}},{\"delete\":{\"prefix\":\"a\"}}]}", 400, "txn-duplicate-key" },
        { "55a", "POST", "/v1/txn", Json, "{\"if\":[{\"key\":\"a\",\"size\":1}]}", 400, "invalid-compare" },
        { "55b", "POST", "/v1/txn", Json, "{\"if\":[{\"key\":\"a\",\"modRev\":{\"ge\":1}}]}", 400, "invalid-compare" },
        { "55c", "POST", "/v1/txn", Json, "{\"if\":[{\"key\":\"a\",\"modRev\":\"1\"}]}", 400, "invalid-compare" },
        { "55d", "POST", "/v1/txn", Json, "{\"if\":[{\"key\":\"a\",\"exists\":1}]}", 400, "invalid-compare" },
        { "55e", "POST", "/v1/txn", Json, "{\"if\":[{\"key\":\"a\"}]}", 400, "invalid-compare" },
        { "55f", "POST", "/v1/txn", Json, "{\"if\":[{\"key\":\"a\",\"value\":1}]}", 400, "invalid-compare" },
        { "55g", "POST", "/v1/txn", Json, "{\"if\":[{\"key\":\"a\",\"version\":{\"gt\":1,\"lt\":3}}]}", 400, "invalid-compare" },
        { "55h", "POST", "/v1/txn", Json, "{\"if\":[{\"key\":\"a\",\"version\":{}}]}", 400, "invalid-compare" },
        { "55i", "POST", "/v1/txn", Json, "{\"if\":[{\"key\":\"a\",\"exists\":true,\"version\":1}]}", 400, "invalid-compare" },
        { "55j", "POST", "/v1/txn", Json, "{\"if\":[{\"key\":\"a\",\"version\":1e2}]}", 400, "invalid-compare" },
        { "56a", "PUT", "/v1/kv/never", "If-Match: \"99\"", "x", 412, "precondition-failed" },
        { "56b", "PUT", "/v1/kv/a", "If-Match: W/\"5\"", "x", 400, "invalid-etag" },
        { "56c", "PUT", "/v1/kv/never", "If-Match: *", "x", 412, "precondition-failed" },
        { "56d", "PUT", "/v1/kv/a", "If-Match: \"x\"", "x", 400, "invalid-etag" },
        { "56e", "PUT", "/v1/kv/a", "If-Match: 5", "x", 400, "invalid-etag" },
        { "56f", "PUT", "/v1/kv/a", "If-Match: \"5\"\r\nIf-None-Match: *", "x", 400, "invalid-field-combination" },
        { "56g", "DELETE", "/v1/kv/never", "If-Match: *", "", 412, "precondition-failed" },
        { "56h", "GET", "/v1/kv/never", "If-Match: \"1\"", "", 412, "precondition-failed" },
        { "56i", "DELETE", "/v1/kv?prefix=zz", "If-Match: \"1\"", "", 400, "invalid-field-combination" },
        { "57b", "PUT", "/v1/kv/a", "Idempotency-Key: " + new string('k', 65), "x", 400, "invalid-idempotency-key" },
        { "57c", "PUT", "/v1/kv/a", "Idempotency-Key: a\tb", "x", 400, "invalid-idempotency-key" },
        { "57d", "PUT", "/v1/kv/a", "Idempotency-Key: ", "x", 400, "invalid-idempotency-key" },
        { "57e", "PUT", "/v1/kv/a", "Idempotency-Key: a\r\nIdempotency-Key: b", "x", 400, "invalid-idempotency-key" },
        { "57f", "GET", "/v1/outcomes/" + new string('k', 65), "", "", 400, "invalid-idempotency-key" },
        { "62a", "GET", "/v1/kv/a?token=rkv_123", "", "", 400, "token-in-url" },
        { "62b", "GET", "/v1/kv?access_token=x", "", "", 400, "token-in-url" },
        { "67a", "POST", "/v1/compact", Json, "{\"rev\":9007199254740991}", 400, "future-revision" },
        { "68a", "PUT", "/v1/kv/a", "Expect: 200-ok", "x", 417, "bad-request" },
        { "x1", "DELETE", "/v1/kv?prefix=", "", "", 400, "confirm-all" },
        { "x2", "DELETE", "/v1/kv", "", "", 400, "confirm-all" },
        { "x3", "DELETE", "/v1/kv?start=", "", "", 400, "confirm-all" },
        { "x4", "POST", "/v1/txn", Json, "{\"then\":[{\"delete\":{\"prefix\":\"\"}}]}", 400, "confirm-all" },
        { "x5", "PUT", "/v1/kv/a?ttl=5&lease=1", "", "x", 400, "invalid-field-combination" },
        { "x6", "PUT", "/v1/kv/a?prev=yes", "", "x", 400, "bad-request" },
        { "x7", "GET", "/v1/kv/a?consistency=strong", "", "", 400, "bad-request" },
        { "x8", "PUT", "/v1/retention", Json, "{\"revisions\":-1,\"age\":\"1h\"}", 400, "validation" },
        { "x9", "POST", "/v1/leases/keepalive", Json, "{\"ids\":[]}", 400, "validation" },
        { "x10", "POST", "/v1/txn", Json, "{\"then\":[null]}", 400, "invalid-type" },
        { "x11", "POST", "/v1/txn", Json, "{\"then\":{}}", 400, "invalid-type" },
        { "x12", "POST", "/v1/txn", Json, "{\"then\":[{}]}", 400, "invalid-field-combination" },
        { "x13", "GET", "/v1/leases?cursor=zz", "", "", 400, "cursor-mismatch" },
        { "x14", "GET", "/problems/nothing", "", "", 404, "route-not-found" },
        { "x15", "GET", "/v1/outcomes/unheard", "", "", 404, "key-not-found" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Bad_input_is_answered_exactly(
        string row, string method, string target, string headers, string body, int status, string code)
    {
        await using var connection = await node.ConnectAsync();
        var before = node.Node.View.Revision;

        var sent = method is "GET" or "TRACE" or "FOO" or "OPTIONS" && body.Length == 0 ? null : Encoding.Latin1.GetBytes(body);
        var response = await connection.SendAsync(method, target, headers, sent);

        Assert.True(response.Status == status && (response.Code ?? "") == code, $"row {row}: {response.Status} {response.Text}");
        AssertIsProblem(row, response, method, before);
        var next = await connection.SendAsync("GET", "/livez");
        Assert.True(next.Status == 200, $"row {row}: the connection is not usable any more");
    }

    [Fact]
    public async Task Row_7a_bytes_that_are_not_utf8()
    {
        var response = await node.SendAsync("POST", "/v1/txn", Json, [(byte)'{', (byte)'"', 0xff, (byte)'"', (byte)'}']);

        Assert.Equal((400, "invalid-utf8"), (response.Status, response.Code));
    }

    [Fact]
    public async Task Row_8_a_byte_order_mark_is_ignored()
    {
        var response = await node.SendAsync("POST", "/v1/txn", Json, [0xef, 0xbb, 0xbf, .. "{}"u8]);

        Assert.Equal(200, response.Status);
        Assert.True(response.Json.GetProperty("succeeded").GetBoolean());
    }

    [Fact]
    public async Task Row_9_curl_need_not_say_that_it_sends_json()
    {
        var form = await node.SendAsync("POST", "/v1/txn", "Content-Type: application/x-www-form-urlencoded", "{}");
        var none = await node.SendAsync("POST", "/v1/txn", "", " {}");

        Assert.Equal(200, form.Status);
        Assert.Equal(200, none.Status);
    }

    [Fact]
    public async Task Row_36_addresses_and_localhost_are_allowed_with_any_port()
    {
        foreach (var host in (string[])["localhost", "LOCALHOST:1", "127.0.0.1:2379", "[::1]:2379", "10.1.2.3", "[fe80::1]"])
        {
            Assert.Equal(200, (await node.SendAsync("GET", "/livez", $"Host: {host}")).Status);
        }
    }

    [Fact]
    public async Task Row_37_our_own_origin_may_write()
    {
        var response = await node.SendAsync(
            "PUT", "/v1/kv/origin", "Host: localhost:2379\r\nOrigin: http://localhost:2379\r\nSec-Fetch-Site: same-origin", "x");
        var read = await node.SendAsync("GET", "/v1/kv/origin", "Origin: https://evil.example");

        Assert.Equal(201, response.Status);
        Assert.Equal(200, read.Status);
        Assert.Null(read.Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Row_39_refused_methods_name_those_there_are()
    {
        var response = await node.SendAsync("PATCH", "/v1/kv/a");

        var allowed = response.Header("Allow")!.Split(", ").Order(StringComparer.Ordinal);
        Assert.Equal((string[])["DELETE", "GET", "HEAD", "PUT"], allowed);
    }

    [Fact]
    public async Task Row_40_methods_are_not_overridden()
    {
        await node.SendAsync("PUT", "/v1/kv/override", "", "x");

        await node.SendAsync("POST", "/v1/txn", "X-HTTP-Method-Override: DELETE\r\n" + Json, "{}");
        await node.SendAsync("GET", "/v1/kv/override", "X-HTTP-Method-Override: DELETE");

        Assert.Equal(200, (await node.SendAsync("GET", "/v1/kv/override")).Status);
    }

    [Fact]
    public async Task Row_46_and_67_compacted_revisions_are_gone_and_compacting_again_is_no_error()
    {
        var old = (await node.SendAsync("PUT", "/v1/kv/compacted", "", "1")).Json.GetProperty("rev").GetInt64();
        var now = (await node.SendAsync("PUT", "/v1/kv/compacted", "", "2")).Json.GetProperty("rev").GetInt64();
        var body = string.Create(CultureInfo.InvariantCulture, $"{{\"rev\":{now}}}");

        var compact = await node.SendAsync("POST", "/v1/compact", Json, body);
        var again = await node.SendAsync("POST", "/v1/compact", Json, body);
        var read = await node.SendAsync("GET", $"/v1/kv/compacted?rev={old}");
        var changes = await node.SendAsync("GET", $"/v1/kv?prefix=&since={old - 1}");
        var kept = await node.SendAsync("GET", $"/v1/kv/compacted?rev={now}");

        Assert.Equal(now, compact.Json.GetProperty("compactedRev").GetInt64());
        Assert.Equal(200, again.Status);
        Assert.Equal((410, "compacted"), (read.Status, read.Code));
        Assert.Equal(now, read.Json.GetProperty("compactedRev").GetInt64());
        Assert.Equal((410, "compacted"), (changes.Status, changes.Code));
        Assert.Equal("2", kept.Text);
    }

    [Fact]
    public async Task Row_55_a_fault_names_its_place()
    {
        var response = await node.SendAsync(
            "POST", "/v1/txn", Json, "{\"then\":[{\"txn\":{\"if\":[{\"key\":\"a\",\"exists\":true},{\"key\":\"a\",\"lease\":{\"gt\":7}}]}}]}");

        Assert.Equal("invalid-compare", response.Code);
        Assert.Equal("/then/0/txn/if/1/lease/gt", response.Json.GetProperty("at").GetString());
    }

    [Fact]
    public async Task Row_68_ranges_and_upgrades_are_ignored()
    {
        await node.SendAsync("PUT", "/v1/kv/ranged", "", "0123");

        var range = await node.SendAsync("GET", "/v1/kv/ranged", "Range: bytes=0-1");
        var upgrade = await node.SendAsync("GET", "/v1/kv/ranged", "Connection: Upgrade\r\nUpgrade: websocket");

        Assert.Equal((200, "0123"), (range.Status, range.Text));
        Assert.Equal((200, "0123"), (upgrade.Status, upgrade.Text));
    }

    private void AssertIsProblem(string row, RawResponse response, string method, long revisionBefore)
    {
        var json = response.Json;
        foreach (var member in (string[])["type", "title", "status", "detail", "code", "retryable", "requestId"])
        {
            Assert.True(json.TryGetProperty(member, out _), $"row {row}: no {member}");
        }

        Assert.Equal("/problems/" + response.Code, json.GetProperty("type").GetString());
        Assert.NotNull(response.Header("Kv-Revision"));
        Assert.NotNull(response.Header("Kv-Member"));
        Assert.NotNull(response.Header("Request-Id"));
        var isWrite = method is "PUT" or "POST" or "DELETE" or "PATCH" or "FOO";
        Assert.Equal(isWrite ? "not-applied" : null, json.TryGetProperty("outcome", out var outcome) ? outcome.GetString() : null);
        Assert.Equal(revisionBefore, node.Node.View.Revision);
    }

    private static string Put(string members) => "{\"then\":[{\"put\":{\"key\":\"a\"," + members + "}}]}";

    private static string Repeat(string operation, int times) => string.Join(',', Enumerable.Repeat(operation, times));

    private static string Nested(int depth) => depth == 1 ? "{}" : "{\"then\":[{\"txn\":" + Nested(depth - 1) + "}]}";
}
