/** A compute loop in compiled Java: integers, floating point, objects, garbage. */
public class Loop {
    static final class Node {
        final Node next;
        final int key;

        Node(Node next, int key) {
            this.next = next;
            this.key = key;
        }
    }

    public static void main(String[] args) {
        int s = 0;
        double f = 0;
        for (int round = 0; round < 3000; round++) {
            Node list = null;
            for (int i = 0; i < 100000; i++) {
                s = s * 31 + i;
                f += Math.sqrt(i + round);
                if (i % 10 == 0) list = new Node(list, s);
            }
            for (Node n = list; n != null; n = n.next) s ^= n.key;
        }
        System.out.println(s + " " + f);
    }
}
