using Google.Protobuf;
using RestKv.Api.Etcd.Messages;
using RestKv.Core.Auth;
using RestKv.Core.Model;
using RestKv.Raft;
using RangeRequest = RestKv.Api.Etcd.Messages.RangeRequest;

namespace RestKv.Http.Tests.Auth;

/// <summary>A request of one of the two APIs, with everything that it touches.</summary>
internal sealed record ApiRequest(string Method, string Target, string? Body, IReadOnlyList<(KeyRange Range, Access Access)> Touched)
{
    public bool IsStream { get; init; }

    /// <summary>Of the same call over gRPC; null for the native API.</summary>
    public string? GrpcPath => Target switch
    {
        "/v3/kv/range" => "/etcdserverpb.KV/Range",
        "/v3/kv/put" => "/etcdserverpb.KV/Put",
        "/v3/kv/deleterange" => "/etcdserverpb.KV/DeleteRange",
        "/v3/kv/txn" => "/etcdserverpb.KV/Txn",
        _ => null,
    };

    /// <summary>The body as a message.</summary>
    public IMessage Message() => JsonParser.Default.Parse(Body, Target switch
    {
        "/v3/kv/range" => RangeRequest.Descriptor,
        "/v3/kv/put" => PutRequest.Descriptor,
        "/v3/kv/deleterange" => DeleteRangeRequest.Descriptor,
        _ => TxnRequest.Descriptor,
    });

    public static ApiRequest Random(ref SplitMix64 random)
    {
        var range = AuthPropertyTests.NonEmptyRange(ref random);
        var key = RestKv.Testing.NaiveKeys.RandomKey(ref random);
        var single = KeyRange.Single(key);
        var withPrevious = random.Next(3) == 0;
        List<(KeyRange, Access)> read = [(range, Access.Read)];
        List<(KeyRange, Access)> written = [(single, Access.Write), .. withPrevious ? new[] { (single, Access.Read) } : []];
        List<(KeyRange, Access)> deleted = [(range, Access.Write), .. withPrevious ? new[] { (range, Access.Read) } : []];
        var list = range.Kind == KeyRangeKind.Single ? $"/v1/kv64/{ApiText.Url(range.Start)}" : $"/v1/kv?{ApiText.Query(range)}";
        return random.Next(11) switch
        {
            0 => new ApiRequest("GET", list, null, read),
            1 => new ApiRequest("GET", $"/v1/watch?{ApiText.Query(range)}", null, read) { IsStream = true },
            2 => new ApiRequest("PUT", $"/v1/kv64/{ApiText.Url(key)}" + (withPrevious ? "?prev=true" : ""), "1", written),
            3 => new ApiRequest(
                "DELETE", $"/v1/kv64/{ApiText.Url(key)}" + (withPrevious ? "?prev=true" : ""), null, written),
            4 => new ApiRequest("GET", $"/v1/history64/{ApiText.Url(key)}", null, [(single, Access.Read)]),
            5 => new ApiRequest("POST", "/v3/kv/range", $$"""{{{ApiText.Etcd(range)}}}""", read),
            6 => new ApiRequest(
                "POST", "/v3/kv/deleterange", $$"""{{{ApiText.Etcd(range)}},"prev_kv":{{(withPrevious ? "true" : "false")}}}""", deleted),
            7 => new ApiRequest(
                "POST", "/v3/kv/put", $$"""{{{ApiText.Etcd(single)}},"value":"MQ==","prev_kv":{{(withPrevious ? "true" : "false")}}}""", written),
            8 or 9 => Txn(ref random, isNative: true),
            _ => Txn(ref random, isNative: false),
        };
    }

    private static ApiRequest Txn(ref SplitMix64 random, bool isNative)
    {
        List<(KeyRange, Access)> touched = [];
        var body = isNative ? NativeTxn(ref random, touched, 1) : EtcdTxn(ref random, touched, 1);
        return new ApiRequest("POST", isNative ? "/v1/txn" : "/v3/kv/txn", "{" + body + "}", touched);
    }

    private static string Wrap(string name, string fields) => "{\"" + name + "\":{" + fields + "}}";

    private static string NativeTxn(ref SplitMix64 random, List<(KeyRange, Access)> touched, int depth)
    {
        List<string> compares = [];
        for (var i = random.Next(2); i > 0; i--)
        {
            var range = AuthPropertyTests.NonEmptyRange(ref random);
            touched.Add((range, Access.Read));
            compares.Add($$"""{{{ApiText.Fields(range)}},"exists":true}""");
        }

        var then = NativeBranch(ref random, touched, depth);
        return $"\"if\":[{string.Join(',', compares)}],\"then\":[{then}],\"else\":[{NativeBranch(ref random, touched, depth)}]";
    }

    private static string NativeBranch(ref SplitMix64 random, List<(KeyRange, Access)> touched, int depth)
    {
        List<string> operations = [];
        for (var i = random.Next(3); i > 0; i--)
        {
            var range = AuthPropertyTests.NonEmptyRange(ref random);
            switch (random.Next(depth < 3 ? 4 : 3))
            {
                case 0:
                    touched.Add((KeyRange.Single(range.Start), Access.Write));
                    operations.Add(Wrap("put", ApiText.Fields(KeyRange.Single(range.Start)) + ",\"value\":\"1\""));
                    break;
                case 1:
                    touched.Add((range, Access.Write));
                    operations.Add(Wrap("delete", ApiText.Fields(range)));
                    break;
                case 2:
                    touched.Add((range, Access.Read));
                    operations.Add(Wrap("get", ApiText.Fields(range)));
                    break;
                default:
                    operations.Add(Wrap("txn", NativeTxn(ref random, touched, depth + 1)));
                    break;
            }
        }

        return string.Join(',', operations);
    }

    private static string EtcdTxn(ref SplitMix64 random, List<(KeyRange, Access)> touched, int depth)
    {
        List<string> compares = [];
        for (var i = random.Next(2); i > 0; i--)
        {
            var range = AuthPropertyTests.NonEmptyRange(ref random);
            touched.Add((range, Access.Read));
            compares.Add($$"""{{{ApiText.Etcd(range)}},"target":"VERSION","version":"1"}""");
        }

        var success = EtcdBranch(ref random, touched, depth);
        return $"\"compare\":[{string.Join(',', compares)}],\"success\":[{success}],\"failure\":[{EtcdBranch(ref random, touched, depth)}]";
    }

    private static string EtcdBranch(ref SplitMix64 random, List<(KeyRange, Access)> touched, int depth)
    {
        List<string> operations = [];
        for (var i = random.Next(3); i > 0; i--)
        {
            var range = AuthPropertyTests.NonEmptyRange(ref random);
            switch (random.Next(depth < 3 ? 4 : 3))
            {
                case 0:
                    touched.Add((KeyRange.Single(range.Start), Access.Write));
                    touched.Add((KeyRange.Single(range.Start), Access.Read));
                    operations.Add(Wrap("request_put", ApiText.Etcd(KeyRange.Single(range.Start)) + ",\"value\":\"MQ==\",\"prev_kv\":true"));
                    break;
                case 1:
                    touched.Add((range, Access.Write));
                    operations.Add(Wrap("request_delete_range", ApiText.Etcd(range)));
                    break;
                case 2:
                    touched.Add((range, Access.Read));
                    operations.Add(Wrap("request_range", ApiText.Etcd(range)));
                    break;
                default:
                    operations.Add(Wrap("request_txn", EtcdTxn(ref random, touched, depth + 1)));
                    break;
            }
        }

        return string.Join(',', operations);
    }
}
