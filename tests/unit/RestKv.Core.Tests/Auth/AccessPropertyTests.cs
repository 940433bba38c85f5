using System.Collections.Immutable;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Raft;
using RestKv.Testing;

namespace RestKv.Core.Tests.Auth;

/// <summary>
/// Random roles and tokens against random request trees. The oracle knows nothing of intervals or visitors: it writes down every key
/// that a request could touch in any way, and asks each permission about each of them.
/// </summary>
public sealed class AccessPropertyTests
{
    private const int Rounds = 150;
    private const int RequestsPerRound = 40;

    [Fact]
    public void A_request_is_applied_exactly_when_every_key_it_touches_is_allowed()
    {
        const ulong seed = 20260729;
        var random = new SplitMix64(seed);
        var (allowed, refused) = (0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            var world = new World(ref random);
            for (var i = 0; i < RequestsPerRound; i++)
            {
                var request = world.RandomRequest(ref random);
                var (author, credential, permissions) = world.RandomAuthor(ref random);
                var touched = world.Touched(request);
                var isAllowed = touched.TrueForAll(touch => permissions.All(layer => Covers(layer, touch)));
                var before = world.Rig.Machine.Store.Digest();

                var isRefused = world.Rig.CodeOf(new Command.Write(request), author, credential) == RejectionCode.PermissionDenied;

                // A range without keys may be refused for its start: that lets nobody in.
                Assert.True(isRefused == !isAllowed || (isRefused && HasEmptyRange(request)), $"seed {seed}, round {round}, request {i}: {request}");
                Assert.True(!isRefused || before == world.Rig.Machine.Store.Digest());
                (allowed, refused) = isRefused ? (allowed, refused + 1) : (allowed + 1, refused);
            }
        }

        Assert.True(allowed > 200 && refused > 200, $"{allowed} allowed, {refused} refused");
    }

    private static bool Covers(ImmutableArray<Permission> layer, (byte[] Key, Access Access) touch) =>
        layer.Any(permission => permission.Access.HasFlag(touch.Access) && permission.Range.Contains(touch.Key));

    private static bool HasEmptyRange(Operation operation) => operation switch
    {
        Operation.Delete delete => delete.Range.IsEmpty,
        Operation.Get get => get.Request.Range.IsEmpty,
        Operation.Txn txn => txn.If.Any(compare => compare.Range.IsEmpty) || txn.Then.Any(HasEmptyRange) || txn.Else.Any(HasEmptyRange),
        _ => false,
    };

    private sealed class World
    {
        private static readonly string[] Users = ["ann", "bob", "cid"];
        private readonly Dictionary<string, ImmutableArray<Permission>> _roles = [];
        private readonly List<(string User, long Id, ImmutableArray<Permission> Scopes)> _tokens = [];
        private readonly Dictionary<long, List<byte[]>> _attached = [];

        public World(ref SplitMix64 random)
        {
            Rig = AuthRig.Enabled();
            foreach (var user in Users)
            {
                _roles[user] = RandomPermissions(ref random, 6);
                Rig.Change(new Command.RoleSet(user, _roles[user]));
                _roles[user] = Rig.Auth.FindRole(user)!.Permissions;
                Rig.Change(new Command.UserAdd(user, default, true, [user]));
                var scopes = RandomPermissions(ref random, 3);
                var digest = new TokenDigest(random.Next(), 0, 0, 0);
                _tokens.Add((user, Rig.Change(new Command.TokenAdd("t", user, digest, [], scopes, 0)).Number, scopes));
            }

            for (var lease = 1; lease <= 3; lease++)
            {
                Rig.Apply(new Command.LeaseGrant(new LeaseId(lease), 1000), "root");
                for (var i = random.Next(4); i > 0; i--)
                {
                    Rig.Apply(new Command.Write(new Operation.Put(NaiveKeys.RandomKey(ref random), default) { Lease = new LeaseId(lease) }), "root");
                }
            }
        }

        public AuthRig Rig { get; }

        /// <summary>With the layers of permissions that all must allow it.</summary>
        public (string Author, Credential Credential, ImmutableArray<Permission>[] Layers) RandomAuthor(ref SplitMix64 random)
        {
            var user = Users[random.Next(Users.Length)];
            if (random.Next(3) > 0)
            {
                return (user, Credential.OfUser(Rig.Auth.FindUser(user)!.Epoch), [_roles[user]]);
            }

            var (owner, id, scopes) = _tokens[random.Next(_tokens.Count)];
            return (owner, Credential.OfToken(id), scopes.IsEmpty ? [_roles[owner]] : [_roles[owner], scopes]);
        }

        public Operation RandomRequest(ref SplitMix64 random, int depth = 1)
        {
            switch (random.Next(depth < 3 ? 6 : 3))
            {
                case 0:
                    return new Operation.Put(NaiveKeys.RandomKey(ref random), new byte[] { 1 })
                    {
                        ReturnPrevious = random.Next(3) == 0,
                        Lease = random.Next(3) == 0 ? new LeaseId(1 + random.Next(3)) : LeaseId.None,
                    };
                case 1:
                    return new Operation.Delete(NaiveKeys.RandomRange(ref random), random.Next(3) == 0);
                case 2:
                    return new Operation.Get(new RangeRequest(NaiveKeys.RandomRange(ref random)));
                default:
                    var compares = ImmutableArray.CreateBuilder<Compare>();
                    for (var i = random.Next(2); i > 0; i--)
                    {
                        compares.Add(new Compare(NaiveKeys.RandomRange(ref random), CompareTarget.Version, CompareOperator.Equal, 0, default));
                    }

                    return new Operation.Txn(compares.ToImmutable(), Branch(ref random, depth), Branch(ref random, depth));
            }
        }

        public List<(byte[] Key, Access Access)> Touched(Operation request)
        {
            // As it stands now: the request itself may attach more.
            _attached.Clear();
            foreach (var lease in new long[] { 1, 2, 3 })
            {
                var keys = new List<ReadOnlyMemory<byte>>();
                Rig.Machine.Leases.CollectKeys(new LeaseId(lease), keys);
                _attached[lease] = keys.ConvertAll(key => key.ToArray());
            }

            var touched = new List<(byte[], Access)>();
            Touch(request, touched);
            return touched;
        }

        private void Touch(Operation request, List<(byte[], Access)> into)
        {
            switch (request)
            {
                case Operation.Put put:
                    into.Add((put.Key.ToArray(), Access.Write));
                    if (put.ReturnPrevious)
                    {
                        into.Add((put.Key.ToArray(), Access.Read));
                    }

                    into.AddRange((put.Lease.IsNone ? [] : _attached[put.Lease.Value]).Select(key => (key, Access.Write)));
                    break;
                case Operation.Delete delete:
                    Touch(delete.Range, Access.Write, into);
                    if (delete.ReturnPrevious)
                    {
                        Touch(delete.Range, Access.Read, into);
                    }

                    break;
                case Operation.Get get:
                    Touch(get.Request.Range, Access.Read, into);
                    break;
                case Operation.Txn txn:
                    foreach (var compare in txn.If)
                    {
                        Touch(compare.Range, Access.Read, into);
                    }

                    foreach (var inner in txn.Then.AddRange(txn.Else))
                    {
                        Touch(inner, into);
                    }

                    break;
            }
        }

        private static void Touch(KeyRange range, Access access, List<(byte[], Access)> into) =>
            into.AddRange(NaiveKeys.All.Where(key => range.Contains(key)).Select(key => (key, access)));

        private ImmutableArray<Operation> Branch(ref SplitMix64 random, int depth)
        {
            var branch = ImmutableArray.CreateBuilder<Operation>();
            for (var i = random.Next(3); i > 0; i--)
            {
                branch.Add(RandomRequest(ref random, depth + 1));
            }

            return branch.ToImmutable();
        }

        private static ImmutableArray<Permission> RandomPermissions(ref SplitMix64 random, int max)
        {
            var permissions = ImmutableArray.CreateBuilder<Permission>();
            for (var i = random.Next(max + 1); i > 0; i--)
            {
                var permission = Permission.Of(NaiveKeys.RandomRange(ref random), (Access)(1 + random.Next(3)));
                if (permission.IsValid)
                {
                    permissions.Add(permission);
                }
            }

            return permissions.ToImmutable();
        }
    }
}
