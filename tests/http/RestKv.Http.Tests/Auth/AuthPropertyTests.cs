using System.Net.Http.Headers;
using System.Text;
using RestKv.Core.Auth;
using RestKv.Core.Model;
using RestKv.Http.Tests.Etcd.Grpc;
using RestKv.Raft;
using RestKv.Testing;

namespace RestKv.Http.Tests.Auth;

/// <summary>
/// Random roles against random requests on all three surfaces. The oracle writes down every key that a request could touch and asks each
/// permission about each of them; what it forbids must not be done, and what it allows must not be forbidden.
/// </summary>
public sealed class AuthPropertyTests(AuthNode node) : IClassFixture<AuthNode>
{
    private const int Rounds = 12;
    private const int RequestsPerRound = 60;

    [Fact]
    public async Task Nobody_does_on_any_way_what_a_key_by_key_judge_forbids()
    {
        const ulong seed = 4711;
        var random = new SplitMix64(seed);
        await node.AddAsync("prop", "");
        var token = await node.LoginAsync("prop");
        using var client = node.With(new AuthenticationHeaderValue("Bearer", token));
        using var grpc = new GrpcTestClient(node.Client.BaseAddress!);
        var (allowed, forbidden, calls) = (0, 0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            var permissions = new List<Permission>();
            for (var i = random.Next(5); i >= 0; i--)
            {
                var permission = Permission.Of(NonEmptyRange(ref random), (Access)(1 + random.Next(3)));
                permissions.Add(permission);
            }

            // A range that is given twice has the last access, on the native API as in etcd.
            permissions = [.. permissions.Where((permission, at) => !permissions.Skip(at + 1).Any(later =>
                later.IsOfRange(permission.Key.Span, permission.RangeEnd.Span)))];
            await AuthNode.MustAsync(
                node.Root, "PUT", "/v1/auth/roles/prop", $$"""{"permissions":[{{string.Join(',', permissions.Select(ApiText.Of))}}]}""");
            for (var i = 0; i < RequestsPerRound; i++)
            {
                var request = ApiRequest.Random(ref random);
                var isAllowed = request.Touched.All(touch => NaiveKeys.All.Where(key => touch.Range.Contains(key)).All(key =>
                    permissions.Any(permission => permission.Access.HasFlag(touch.Access) && permission.Range.Contains(key))));

                var status = await StatusOfAsync(client, request);

                Assert.True(
                    isAllowed ? status is not (401 or 403) : status is 403 or 400,
                    $"seed {seed}, round {round}: {request.Method} {request.Target} {request.Body}: {status}, allowed {isAllowed}, "
                        + string.Join(',', permissions.Select(ApiText.Of)));
                (allowed, forbidden) = (allowed + (isAllowed ? 1 : 0), forbidden + (status == 403 ? 1 : 0));
                if (request.GrpcPath is { } path)
                {
                    var answer = await grpc.SendAsync(path, GrpcTestClient.Frame(request.Message()), ("token", token));

                    Assert.True(
                        isAllowed ? answer.Code is not (7 or 16) : answer.Code is 7 or 3,
                        $"seed {seed}, round {round}: {path} {request.Body}: {answer.Code} {answer.Text}, allowed {isAllowed}, "
                            + string.Join(',', permissions.Select(ApiText.Of)));
                    calls++;
                }
            }
        }

        Assert.True(allowed > 50 && forbidden > 50 && calls > 50, $"{allowed} allowed, {forbidden} forbidden, {calls} over gRPC");
    }

    internal static KeyRange NonEmptyRange(ref SplitMix64 random)
    {
        KeyRange range;
        do
        {
            range = NaiveKeys.RandomRange(ref random);
        }
        while (range.IsEmpty);

        return range;
    }

    private static async Task<int> StatusOfAsync(HttpClient client, ApiRequest request)
    {
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), request.Target);
        if (request.Body is not null)
        {
            message.Content = new StringContent(request.Body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        }

        if (request.IsStream)
        {
            message.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        }

        using var response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead);
        return (int)response.StatusCode;
    }
}
