using RestKv.Core.Alarms;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Core.Tests.Commands;

public sealed class CommandCodecTests
{
    [Fact]
    public void Every_command_survives_a_round_trip()
    {
        foreach (var command in Examples())
        {
            var payload = Envelope.Encode(new ByteWriter(), 7, 8, 9, "ann", "k1"u8, 42, command);
            Envelope.Stamp(payload, 1000, 2000);

            Assert.True(Envelope.TryDecode(payload, out var envelope));
            Assert.Equal(Encoded(command)[0], Envelope.CommandTag(payload));
            Assert.Equal(Credential.None, envelope.Credential);
            Assert.Equal((7, 8, 9), (envelope.Origin, envelope.Incarnation, envelope.Sequence));
            Assert.Equal((1000, 2000), (envelope.WallTimeMs, envelope.ClusterTimeMs));
            Assert.Equal("ann", envelope.Author);
            Assert.Equal(42UL, envelope.RequestHash);
            Assert.Equal(Encoded(command), Encoded(envelope.Command));
        }
    }

    [Fact]
    public void A_credential_travels_with_its_request_and_costs_nothing_where_there_is_none()
    {
        foreach (var command in Examples())
        {
            var plain = Envelope.Encode(new ByteWriter(), 7, 8, 9, "ann", default, 0, command);
            var payload = Envelope.Encode(new ByteWriter(), 7, 8, 9, "ann", default, 0, command, Credential.OfToken(5));

            Assert.True(Envelope.TryDecode(payload, out var envelope));
            Assert.Equal(Credential.OfToken(5), envelope.Credential);
            Assert.Equal(Encoded(command), Encoded(envelope.Command));
            Assert.Equal(Encoded(command)[0], Envelope.CommandTag(payload));
            Assert.True(RequestId.TryRead(payload, out var id));
            Assert.Equal(new RequestId(7, 8, 9), id);
            Assert.Equal((1, 2), (plain[0], payload[0]));
            Assert.Equal(plain.Length + 9, payload.Length);
        }
    }

    [Fact]
    public void An_envelope_cut_anywhere_is_refused_and_never_throws()
    {
        foreach (var command in Examples())
        {
            var payload = Envelope.Encode(new ByteWriter(), 1, 2, 3, "", "key"u8, 4, command);
            for (var length = 0; length < payload.Length; length++)
            {
                Assert.False(Envelope.TryDecode(payload.AsMemory(0, length), out _));
            }
        }
    }

    [Fact]
    public void Garbage_is_refused_or_decodes_to_something_that_encodes_again()
    {
        const ulong seed = 20261120;
        var random = new SplitMix64(seed);
        var payloads = Examples().Select(c => Envelope.Encode(new ByteWriter(), 1, 2, 3, "a", "k"u8, 4, c)).ToArray();
        var decoded = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var payload = payloads[random.Next(payloads.Length)].ToArray();
            for (var flips = 1 + random.Next(3); flips > 0; flips--)
            {
                payload[random.Next(payload.Length)] = (byte)random.Next();
            }

            if (Envelope.TryDecode(payload, out var envelope))
            {
                decoded++;
                Assert.NotEmpty(Encoded(envelope.Command));
            }
        }

        Assert.True(decoded > 0, $"seed {seed}");
    }

    [Fact]
    public void A_count_larger_than_the_input_allocates_nothing()
    {
        var writer = new ByteWriter();
        writer.WriteByte(4);
        writer.WriteCount(1L << 60);
        var reader = new ByteReader(writer.ToArray());

        Assert.False(CommandCodec.TryDecode(ref reader, out _));
    }

    [Fact]
    public void Nesting_beyond_the_limit_is_a_fault()
    {
        Operation inner = new Operation.Delete(KeyRange.All);
        for (var depth = 0; depth < CommandCodec.DepthMax + 1; depth++)
        {
            inner = new Operation.Txn([], [inner], []);
        }

        var reader = new ByteReader(Encoded(new Command.Write(inner)));

        Assert.False(CommandCodec.TryDecode(ref reader, out _));
    }

    [Fact]
    public void Results_survive_a_round_trip()
    {
        var item = new KeyValue("k"u8.ToArray(), "v"u8.ToArray(), 2, 3, 2, new LeaseId(5), 99, "bob");
        OperationResult[] results =
        [
            new OperationResult.Put(4, true, null, new LeaseId(9)),
            new OperationResult.Put(4, false, item, LeaseId.None),
            new OperationResult.Delete(5, 2, [item]),
            new OperationResult.Txn(6, true, [new OperationResult.Get(6, new RangeResult([item], 1, true))]),
            new OperationResult.Compacted(7, 3),
            new OperationResult.LeaseGranted(7, new LeaseId(-3), 60),
            new OperationResult.LeaseRevoked(8, 4),
            new OperationResult.LeaseRenewed(8, [30, 0]),
            new OperationResult.RetentionSet(8, new Retention(10, 20)),
            new OperationResult.AuthChanged(8, 9, 10),
            new OperationResult.Rejected(9, new Rejection(RejectionCode.LeaseNotFound, 77)),
        ];
        foreach (var result in results)
        {
            var first = new ByteWriter();
            ResultCodec.Encode(first, result);
            var again = new ByteWriter();
            ResultCodec.Encode(again, Assert.IsAssignableFrom<OperationResult>(ResultCodec.Decode(first.ToArray())));

            Assert.Equal(first.ToArray(), again.ToArray());
            Assert.Null(ResultCodec.Decode(first.ToArray().AsMemory(0, first.Length - 1)));
        }
    }

    private static byte[] Encoded(Command command)
    {
        var writer = new ByteWriter();
        CommandCodec.Encode(writer, command);
        return writer.ToArray();
    }

    private static IEnumerable<Command> Examples()
    {
        var put = new Operation.Put("key"u8.ToArray(), new byte[300])
        {
            Lease = new LeaseId(-5),
            ReturnPrevious = true,
            KeepLease = true,
            LenientKeep = true,
        };
        var compare = new Compare(
            KeyRange.Prefix("p"u8.ToArray()), CompareTarget.Value, CompareOperator.NotEqual, 0, "x"u8.ToArray());
        var get = new Operation.Get(new RangeRequest(KeyRange.Between("a"u8.ToArray(), "b"u8.ToArray()))
        {
            Revision = 7,
            Limit = 10,
            SortTarget = SortTarget.Value,
            SortOrder = SortOrder.Descending,
            MinModRevision = 1,
            MaxCreateRevision = 9,
            KeysOnly = true,
            WantCount = true,
            BytesMax = 5,
        });
        var txn = new Operation.Txn(
            [compare], [put, new Operation.Txn([], [get], [])], [new Operation.Delete(KeyRange.All, true)]);
        yield return new Command.Write(put);
        yield return new Command.Write(new Operation.Put("a"u8.ToArray(), default) { OwnTtlSeconds = 30 });
        yield return new Command.Write(new Operation.Delete(KeyRange.From("q"u8.ToArray())));
        yield return new Command.Write(txn);
        yield return new Command.Compact(12);
        yield return new Command.Compact(0, MustAdvance: true);
        yield return new Command.SetAlarm(new Alarm(AlarmKind.Corrupt, new NodeId(-7)), true);
        yield return new Command.SetAlarm(new Alarm(AlarmKind.None, NodeId.None), false);
        yield return new Command.LeaseGrant(LeaseId.None, 10);
        yield return new Command.LeaseRenew([new LeaseId(1), new LeaseId(2)]);
        yield return new Command.LeaseRevoke(new LeaseId(3));
        yield return new Command.LeaseExpire(new LeaseId(4));
        yield return new Command.SettleOutcome("some-key");
        yield return new Command.SetRetention(new Retention(5, 6));
        yield return new Command.Tick();
        yield return new Command.MemberAdd(NodeId.None, "n2", ["http://b:1", "http://c:1"], MemberRole.Learner, new NodeId(9));
        yield return new Command.MemberAnnounce(new NodeId(7), "n1", ["http://a:1"], 77);
        yield return new Command.MemberAnnounce(new NodeId(7), "n1", ["http://a:1"], 77, 3, -8);
        yield return new Command.MemberDryRun(new Command.MemberRemove(new NodeId(7)));
        yield return new Command.MemberUpdate(new NodeId(7), []);
        yield return new Command.MemberPromote(new NodeId(7));
        yield return new Command.MemberRemove(new NodeId(7));
        yield return new Command.StateMark();
        yield return new Command.StateReport(new NodeId(7), 12, ulong.MaxValue);
        foreach (var command in AuthExamples())
        {
            yield return command;
        }
    }

    private static IEnumerable<Command> AuthExamples()
    {
        var permission = new Permission("a"u8.ToArray(), "c"u8.ToArray(), Access.Admin);
        var digest = new TokenDigest(1, ulong.MaxValue, 3, 4);
        yield return new Command.AuthEnable();
        yield return new Command.AuthDisable();
        yield return new Command.UserAdd("ann", new byte[] { 1, 2 }, false, ["r1", "r2"]);
        yield return new Command.UserAdd("bob", default, true, []);
        yield return new Command.UserDelete("ann");
        yield return new Command.UserSetPassword("ann", new byte[] { 3 });
        yield return new Command.UserGrantRole("ann", "r1");
        yield return new Command.UserRevokeRole("ann", "r1");
        yield return new Command.UserSetRoles("ann", ["r2"]);
        yield return new Command.RoleAdd("r1");
        yield return new Command.RoleDelete("r1");
        yield return new Command.RoleGrantPermission("r1", permission);
        yield return new Command.RoleRevokePermission("r1", "a"u8.ToArray(), default);
        yield return new Command.RoleSet("r1", [permission, permission with { Access = Access.Read }]);
        yield return new Command.TokenAdd("ci", "ann", digest, ["r1"], [permission], 90);
        yield return new Command.TokenRemove(7);
        yield return new Command.SessionOpen("ann", 8, digest, SessionKind.Ticket, true, 300_000, [permission]);
        yield return new Command.AuthTouch([digest], [1, 2]);
        yield return new Command.SessionClose(digest, SessionKind.Browser);
        yield return new Command.LeaseRenewFor(
            [new RenewalPart("ann", Credential.OfToken(7), [new LeaseId(1)]), new RenewalPart("", default, [])]);
    }
}
