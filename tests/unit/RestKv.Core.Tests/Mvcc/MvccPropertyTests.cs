using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Core.Tests.Mvcc;

/// <summary>Command sequences that FsCheck makes up and, when one fails, makes small.</summary>
public sealed class MvccPropertyTests
{
    private const string SeedVariable = "RESTKV_PROPERTY_SEED";
    private const ulong SeedDefault = 20_000;

    /// <summary>Any odd number, the same for every seed.</summary>
    private const ulong Gamma = 0x9E37_79B9_7F4A_7C15;

    /// <summary>The same sources are judged by the same input; a failure says which, and the seed is where it began.</summary>
    private static readonly Config Config =
        Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(80).WithReplay(Seed, Gamma);

    private static ulong Seed => Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } seed
        ? ulong.Parse(seed, CultureInfo.InvariantCulture)
        : SeedDefault;

    /// <summary>Each number is a command; few keys, so that every life is short and every chain long.</summary>
    [Fact]
    public void Any_sequence_of_commands_leaves_what_the_model_has()
    {
        Prop.ForAll<int[]>(static commands =>
        {
            var state = new MvccState(MvccStateModelTests.Tiny);
            var model = new MvccModel();
            var views = new List<ReadView>();
            foreach (var command in commands)
            {
                Apply(command, state, model, views);
            }

            return views.Append(state.Publish()).All(view => Agrees(view, model));
        }).Check(Config);
    }

    [Fact]
    public void Any_sequence_survives_a_snapshot_at_any_point()
    {
        Prop.ForAll<int[], int[]>(static (before, after) =>
        {
            var state = new MvccState(MvccStateModelTests.Tiny);
            var model = new MvccModel();
            var views = new List<ReadView>();
            Array.ForEach(before, command => Apply(command, state, model, views));
            var restored = SnapshotBytes.Restore(SnapshotBytes.Of(state.Publish()), MvccStateModelTests.Tiny);
            var ignored = new MvccModel();
            Array.ForEach(after, command => Apply(command, state, model, views));
            Array.ForEach(after, command => Apply(command, restored, ignored, []));
            return state.Digest() == restored.Digest()
                && state.BytesInUse == restored.BytesInUse
                && Agrees(restored.Publish(), model);
        }).Check(Config);
    }

    [Fact]
    public void Tree_holds_any_set_of_keys_in_order()
    {
        Prop.ForAll<byte[][]>(static keys =>
        {
            var tree = new PackedTree(MvccStateModelTests.Tiny);
            var expected = new SortedSet<byte[]>(
                Comparer<byte[]>.Create(static (x, y) => x.AsSpan().SequenceCompareTo(y)));
            foreach (var key in keys)
            {
                if (!expected.Add(key))
                {
                    expected.Remove(key);
                    tree.Remove(key);
                }
                else
                {
                    tree.Set(key, 1);
                }
            }

            var cursor = new TreeCursor(tree.Root);
            var found = cursor.SeekCeiling([]);
            foreach (var key in expected)
            {
                if (!found || !cursor.Key.SequenceEqual(key))
                {
                    return false;
                }

                found = cursor.MoveNext();
            }

            return !found;
        }).Check(Config);
    }

    private static void Apply(int command, MvccState state, MvccModel model, List<ReadView> views)
    {
        var number = Math.Abs((long)command);
        var key = Encoding.ASCII.GetBytes($"k{number / 8 % 5}");
        switch (number % 8)
        {
            case 0:
                views.Add(state.Publish());
                break;
            case 1 when state.Revision > state.CompactedRevision + 1:
                var revision = state.CompactedRevision + 1 + (number % (state.Revision - state.CompactedRevision));
                state.Compact(revision);
                model.Compact(revision);
                break;
            case 2:
                state.CompactStep(1 + (int)(number / 8 % 10));
                break;
            case 3:
                state.Begin(number, "a");
                model.Begin(number, "a");
                state.Delete(key, DeleteCause.Delete);
                model.Delete(key, DeleteCause.Delete);
                state.End();
                model.End();
                break;
            default:
                state.Begin(number, "");
                model.Begin(number, "");
                state.Put(key, key, new LeaseId(number % 3));
                model.Put(key, key, new LeaseId(number % 3));
                state.End();
                model.End();
                break;
        }
    }

    private static bool Agrees(ReadView view, MvccModel model)
    {
        for (var revision = Math.Max(1, view.CompactedRevision); revision <= view.Revision; revision++)
        {
            if (!Same.ToList(view.Scan(KeyRange.All, revision)).Select(Same.Text)
                    .SequenceEqual(model.Live(KeyRange.All, revision).Select(Same.Text))
                || !Same.ToList(view.Changes(revision)).Select(Same.Text).SequenceEqual(
                    model.Changes(revision, view.Revision, view.CompactedRevision).Select(Same.Text)))
            {
                return false;
            }
        }

        return true;
    }
}
