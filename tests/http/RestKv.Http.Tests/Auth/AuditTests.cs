using System.Net.Http.Headers;
using System.Text.Json;
using RestKv.Api.Hosting;
using RestKv.Http.Tests.Etcd.Grpc;
using RestKv.Testing;

namespace RestKv.Http.Tests.Auth;

/// <summary>Who did what, and what nobody may find in it.</summary>
public sealed class AuditTests(AuditTests.AuditedNode node) : IClassFixture<AuditTests.AuditedNode>
{
    [Fact]
    public async Task Changes_of_users_and_of_the_cluster_are_told_of_before_and_behind()
    {
        await node.AddAsync("eve", """{"prefix":"e/","access":"rw"}""");
        await AuthNode.MustAsync(node.Root, "POST", "/v1/compact", """{"rev":1}""");

        var added = await node.LinesAsync(line => Is(line, "op", "user-add") && Is(line, "user", "eve"));
        Assert.Equal(["asked", "applied"], added.Select(line => Text(line, "outcome")));
        Assert.All(added, line =>
        {
            Assert.Equal(("root", "password", "127.0.0.1"), (Text(line, "principal"), Text(line, "method"), Text(line, "address")));
            Assert.Equal("POST /v1/auth/users", Text(line, "request"));
            Assert.NotEqual("", Text(line, "requestId"));
        });
        var role = await node.LinesAsync(line => Is(line, "op", "role-set") && Is(line, "role", "eve"));
        Assert.Equal("e/", role[0].GetProperty("on").GetProperty("permissions")[0].GetProperty("start").GetString());
        Assert.Equal(["asked", "applied"], (await node.LinesAsync(line => Is(line, "op", "compact"))).Select(line => Text(line, "outcome")));
    }

    [Fact]
    public async Task What_is_denied_is_told_of_on_every_surface()
    {
        var token = await node.LoginAsync("bob");
        using var bob = node.With(new AuthenticationHeaderValue("Bearer", token));
        using var nobody = node.With(null);
        using var grpc = new GrpcTestClient(node.Client.BaseAddress!);

        await AuthNode.AskAsync(bob, "PUT", "/v1/kv/z/written", "1");
        await AuthNode.AskAsync(bob, "GET", "/v1/kv/z/read");
        await AuthNode.AskAsync(nobody, "GET", "/v1/kv/z/nobody");
        await AuthNode.AskAsync(bob, "POST", "/v3/kv/range", """{"key":"eg=="}""");
        await grpc.SendAsync(
            "/etcdserverpb.KV/Range", GrpcTestClient.Frame(new Api.Etcd.Messages.RangeRequest { Key = Google.Protobuf.ByteString.CopyFromUtf8("z") }),
            ("token", token));

        var denied = await node.LinesAsync(line => Is(line, "outcome", "denied"), atLeast: 5);
        Assert.Contains(denied, line =>
            Is(line, "op", "put") && Is(line, "principal", "bob") && line.GetRawText().Contains("z/written", StringComparison.Ordinal));
        Assert.Contains(denied, line => Is(line, "request", "GET /v1/kv/{key}") && Is(line, "principal", "bob"));
        Assert.Contains(denied, line => Is(line, "code", "401") && Is(line, "principal", ""));
        Assert.Contains(denied, line => Is(line, "request", "POST /v3/kv/range") && Is(line, "principal", "bob"));
        Assert.Contains(denied, line => Is(line, "code", "grpc 7") && Is(line, "principal", "bob"));
    }

    [Fact]
    public async Task Logins_are_told_of_with_the_name_that_was_given()
    {
        await node.LoginAsync("ann");
        using var client = node.With(null);
        await AuthNode.AskAsync(client, "POST", "/v1/auth/login", """{"user":"ann","password":"not the password"}""");
        await AuthNode.AskAsync(client, "POST", "/v3/auth/authenticate", """{"name":"ann","password":"not the password"}""");

        var lines = await node.LinesAsync(line => Is(line, "principal", "ann"), atLeast: 3);
        Assert.Contains(lines, line => Is(line, "op", "login") && Is(line, "outcome", "applied"));
        Assert.Contains(lines, line => Is(line, "outcome", "denied") && Is(line, "request", "POST /v1/auth/login"));
        Assert.Contains(lines, line => Is(line, "outcome", "denied") && Is(line, "request", "POST /v3/auth/authenticate"));
    }

    [Fact]
    public async Task A_backup_is_told_of_and_an_ordinary_write_is_not()
    {
        await AuthNode.MustAsync(node.Ann, "PUT", "/v1/kv/a/quiet", "\"a value\"");
        await AuthNode.AskAsync(node.Root, "GET", "/v1/snapshot");

        await node.LinesAsync(line => Is(line, "op", "GET /v1/snapshot") && Is(line, "principal", "root"), atLeast: 1);
        Assert.Empty(await node.LinesAsync(line => line.GetRawText().Contains("a/quiet", StringComparison.Ordinal), atLeast: 0));
    }

    [Fact]
    public async Task No_password_token_or_hash_is_in_it()
    {
        var token = await node.LoginAsync("ann");
        using var ann = node.With(new AuthenticationHeaderValue("Bearer", token));
        var made = await AuthNode.MustAsync(ann, "POST", "/v1/auth/tokens", """{"name":"ci"}""");

        await node.LinesAsync(line => Is(line, "op", "token-add"), atLeast: 2);
        var text = await node.TextAsync();
        Assert.Contains("\"ci\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain(AuthNode.Password, text, StringComparison.Ordinal);
        Assert.DoesNotContain(token, text, StringComparison.Ordinal);
        Assert.DoesNotContain(made.GetProperty("token").GetString()!, text, StringComparison.Ordinal);
        Assert.DoesNotContain("hash", text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Without_a_line_about_it_nothing_of_the_kind_is_done()
    {
        await node.WithoutFileAsync(async () =>
        {
            Assert.Equal("not-ready", await AuthNode.CodeOfAsync(node.Root, "PUT", "/v1/auth/roles/late", """{"permissions":[]}"""));
            await AuthNode.MustAsync(node.Ann, "PUT", "/v1/kv/a/goes-on", "1");
        });

        await AuthNode.MustAsync(node.Root, "PUT", "/v1/auth/roles/late", """{"permissions":[]}""");
    }

    private static bool Is(JsonElement line, string name, string text) => Text(line, name) == text;

    private static string Text(JsonElement line, string name) =>
        line.TryGetProperty(name, out var value) || (line.TryGetProperty("on", out var on) && on.TryGetProperty(name, out value))
            ? value.ToString()
            : "";

    /// <summary>A member with authentication on, whose audit log lies beside its data.</summary>
    public sealed class AuditedNode : AuthNode, IDisposable
    {
        private readonly TempFolder _place = new();

        private string File => Path.Join(_place.Path, "log", "audit.jsonl");

        public void Dispose() => _place.Dispose();

        protected override NodeOptions Configure(NodeOptions options)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(File)!);
            return base.Configure(options) with { AuditLog = File };
        }

        internal async Task<string> TextAsync() => await System.IO.File.ReadAllTextAsync(File);

        /// <summary>A line may come after the answer.</summary>
        internal async Task<List<JsonElement>> LinesAsync(Func<JsonElement, bool> which, int atLeast = 2)
        {
            List<JsonElement> lines = [];
            await Eventually.TrueAsync(
                async () =>
                {
                    var all = (await TextAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
                    lines = [.. all.Select(line => JsonDocument.Parse(line).RootElement).Where(which)];
                    return lines.Count >= atLeast;
                },
                $"{atLeast} lines");
            return lines;
        }

        /// <summary>As if the disk of the log were gone; the file is back behind it.</summary>
        internal async Task WithoutFileAsync(Func<Task> action)
        {
            var (place, elsewhere) = (Path.GetDirectoryName(File)!, Path.Join(_place.Path, "elsewhere"));
            Directory.Move(place, elsewhere);
            try
            {
                await action();
            }
            finally
            {
                Directory.Move(elsewhere, place);
            }
        }
    }
}
