using RestKv.Simulator.Engine;

namespace RestKv.Simulator.Cluster;

/// <summary>Disks that are lost or put back, each with the care that a cluster needs to survive it at all.</summary>
internal sealed partial class Nemesis
{
    /// <summary>The administrator does nothing for a while, and then a disk is lost.</summary>
    private void Wipe(SimulatedNode node)
    {
        simulation.Administrator.StandStill();
        simulation.Scheduler.After(MemberOperator.RestMin + (random.Between(10, 900) * Time.Millisecond), () =>
        {
            if (simulation.IsFaulty(FaultClasses.Wipe))
            {
                LoseDisk(node);
            }
        });
    }

    /// <summary>
    /// A disk is lost and the member starts under its old id with an empty one. Nobody could survive that where the others lack
    /// a majority, so they must have one, with what is committed on their disks, and know the disk that is lost; and no removal
    /// may be under way, for of two members that are left none may fail.
    /// </summary>
    private void LoseDisk(SimulatedNode node)
    {
        var membership = simulation.Committed.Membership;
        var others = simulation.Nodes.Where(peer => peer != node && !peer.IsGone && !peer.IsWiped && membership.IsVoter(peer.Id)).ToList();
        var holders = others.Count(peer => simulation.Committed.DurableOf(peer.Id) >= simulation.Committed.LastIndex);
        var isKnown = node.Life is { } life && others.TrueForAll(peer =>
            peer.Life is { } other && other.Members.Find(node.Id)?.StoreId == life.StoreId);
        if (holders < membership.Quorum || !isKnown || node.IsWiped || node.IsGone || !simulation.Administrator.IsAtRest)
        {
            return;
        }

        simulation.Sometimes.Hit("disk wiped");
        node.Wipe();
        simulation.Administrator.StandStill();
    }

    /// <summary>An old copy of the disk is put back, as when a virtual machine is reset.</summary>
    private void RollBack(SimulatedNode node)
    {
        if (node.Life is not null && !node.RollBack())
        {
            node.TakeImage();
        }
    }

    private IEnumerable<SimulatedNode> Others(SimulatedNode node) =>
        simulation.Nodes.Where(peer => peer != node && !peer.IsGone && !peer.Id.IsNone);
}
